import { Readable } from 'node:stream';
import type { DirectoryContent } from '../../../../backup/content.ts';
import type { BackupKey } from '../../../../backup/layer.ts';
import type { DrillError } from '../../../../support/errors.ts';
import { makeReadable } from '../../make-readable.ts';
import { stageRepository, withPassword } from '../../repository/open-repository.ts';
import { explainTool, readObject, runTool, type ToolFault, textOf } from '../../repository/run-tool.ts';
import { chooseSnapshot, type Snapshot } from '../../repository/snapshot.ts';
import type { FilesSite, RestoredTree } from '../../site.ts';

/** Borg replays hints by itself; its locks belong to the host that took them. */
const LOCK = /^lock\.(?:exclusive(?:\/|$)|roster$)/;
const WRONG_PASSPHRASE: ReadonlySet<string> = new Set([
  'PassphraseWrong',
  'PasswordRetriesExceeded',
  'NoPassphraseFailure',
  'KeyfileNotFoundError',
  'RepoKeyNotFoundError',
  'KeyfileInvalidError',
]);
/** Start of a key file by `borg key export`. */
const KEY_FILE = /^BORG_KEY [0-9a-f]{64}/;

/** Stages a repository, makes Borg list it, and extracts the newest archive of the drill's choice, which must be restored completely. */
export async function restoreBorg(content: DirectoryContent, site: FilesSite): Promise<RestoredTree> {
  const { key } = content.backup;
  const repository = await stageRepository(content, site, LOCK);
  const keys = content.inSource?.keys;
  const keyFile = keys?.isEmpty === false ? (await keys.read()).find(({ text }) => KEY_FILE.test(text)) : undefined;
  const keyPath = keyFile && (await writeKeyFile(keyFile, site));
  const { borg, archives } = await withPassword(keys, key, async (password) => {
    const tool = new Borg(site, repository, key, { password: password === keyFile ? undefined : password, keyPath });
    const archives = await tool.archives();
    return archives && { borg: tool, archives };
  });
  const chosen = chooseSnapshot(archives, site.snapshot ?? {}, key);
  const listed = await borg.list(chosen);
  await borg.extract(chosen);
  await makeReadable(site);
  await site.sandbox.exec(['rm', '-rf', repository], { signal: site.signal });
  return { ...listed, warnings: [], takenAt: chosen.takenAt, summary: chosen.summary };
}

/** Uses standard input, so that a key is never in an argument. */
async function writeKeyFile({ text }: BackupKey, { sandbox, signal }: FilesSite): Promise<string> {
  const path = `${sandbox.paths.scratch}/borg-key`;
  const script = 'umask 077 && exec cat > "$1"';
  await sandbox.exec(['sh', '-c', script, 'write', path], { stdin: Readable.from([Buffer.from(text)]), signal });
  return path;
}

interface Said {
  readonly ids: Set<string>;
  readonly lines: string[];
}

class Borg {
  readonly #site: FilesSite;
  readonly #repository: string;
  readonly #key: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(
    site: FilesSite,
    repository: string,
    key: string,
    { password, keyPath }: { readonly password: BackupKey | undefined; readonly keyPath: string | undefined },
  ) {
    this.#site = site;
    this.#repository = repository;
    this.#key = key;
    const base = `${site.sandbox.paths.scratch}/borg`;
    this.#env = {
      BORG_BASE_DIR: base,
      HOME: base,
      TMPDIR: site.sandbox.paths.scratch,
      TZ: 'UTC',
      LC_ALL: 'C.UTF-8',
      BORG_PASSPHRASE: password?.text.split(/\r?\n/, 1)[0] ?? '',
      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
      BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
      ...(keyPath === undefined ? {} : { BORG_KEY_FILE: keyPath }),
    };
  }

  /** @returns undefined: the passphrase is wrong. */
  async archives(): Promise<Snapshot[] | undefined> {
    this.#site.onDoing('listing the archives', 'unknown');
    const format = ['name', 'start', 'hostname', 'id'].map((field) => `{${field}}`).join('{NUL}');
    const said: Said = { ids: new Set(), lines: [] };
    const output: string[] = [];
    const exitCode = await this.#run(['list', '--json', '--format', format, this.#repository], (line) => {
      if (!note(said, line)) output.push(line);
    });
    if ([...said.ids].some((id) => WRONG_PASSPHRASE.has(id))) return undefined;
    if (exitCode !== 0) throw this.#explain('listed', exitCode, said);
    const list = readObject(output.join('\n'))?.['archives'];
    return (Array.isArray(list) ? list : []).flatMap(toSnapshot);
  }

  /** The archive's own list of contents. */
  async list({ id }: Snapshot): Promise<{ files: number; bytes?: number }> {
    this.#site.onDoing('reading what the archive lists', 'unknown');
    const said: Said = { ids: new Set(), lines: [] };
    let files = 0;
    let bytes = 0;
    let isExact = true;
    const exitCode = await this.#run(['list', '--json-lines', `${this.#repository}::${id}`], (line) => {
      if (note(said, line)) return;
      const item = readObject(line);
      if (item?.['type'] === 'h') isExact = false; // a hard link is listed without its bytes
      if (item?.['type'] !== '-' && item?.['type'] !== 'h') return;
      files += 1;
      bytes += typeof item['size'] === 'number' ? item['size'] : 0;
    });
    if (exitCode !== 0) throw this.#explain('listed', exitCode, said);
    return isExact ? { files, bytes } : { files };
  }

  async extract({ id, title }: Snapshot): Promise<void> {
    const said: Said = { ids: new Set(), lines: [] };
    this.#site.onDoing(`extracting ${title}`, 'unknown');
    const argv = ['extract', '--progress', '--noacls', '--noxattrs', '--noflags', `${this.#repository}::${id}`];
    const onLine = (line: string) => {
      const message = readObject(line);
      const { current: done, total } = message ?? {};
      if (message?.['type'] !== 'progress_percent') note(said, line);
      else if (typeof done === 'number' && typeof total === 'number')
        this.#site.onDoing(`extracting ${title}`, { done, total });
    };
    const exitCode = await this.#run(argv, onLine, this.#site.directory);
    if (exitCode !== 0) throw this.#explain('extracted', exitCode, said);
  }

  #run(args: readonly string[], onLine: (line: string) => void, directory?: string): Promise<number> {
    const { sandbox, signal } = this.#site;
    const argv = ['borg', '--bypass-lock', '--log-json', ...args];
    const place = directory === undefined ? {} : { directory };
    return runTool(argv, { sandbox, env: this.#env, signal, onLine, ...place });
  }

  #explain(what: string, exitCode: number, { ids, lines }: Said): DrillError {
    const text = `${[...ids].join(' ')}\n${lines.join('\n')}`;
    return explainTool(FAULTS, {
      tool: 'borg',
      fail: `the Borg repository ${this.#key} cannot be ${what}`,
      exitCode,
      text,
      lines,
    });
  }
}

const CHECK = 'Run `borg check --verify-data` on the repository, check its storage, and take a new backup.';

const FAULTS: readonly ToolFault[] = [
  {
    pattern: /no space left/i,
    code: 'disk-full',
    says: ': the sandbox is full',
    hint: 'Free up space on the disk that holds the engine’s volumes: it needs room for the repository and the restored data.',
  },
  {
    pattern: /ObjectNotFound|does not exist|No such file|missing (?:file )?chunk|manifest.*missing|NoManifest/i,
    code: 'backup-truncated',
    says: ': a part of it is missing',
    hint: CHECK,
  },
  {
    pattern: /Integrity|checksum|corrupt|segment|decompress|Unpack|InvalidRepository/i,
    code: 'backup-corrupt',
    says: ': a part of it is damaged',
    hint: CHECK,
  },
  {
    pattern: /MandatoryFeatureUnsupported|unsupported|AtticRepository|version/i,
    code: 'version-unsupported',
    says: ' by the borg in the image',
    hint: 'Install the version of BorgBackup that wrote it in `engine.image`; Firedrill supports 1.2 and 1.4.',
  },
];

/** @returns whether the line is part of its log. */
function note({ ids, lines }: Said, line: string): boolean {
  const message = readObject(line);
  const type = textOf(message?.['type']);
  if (
    !['log_message', 'question_prompt', 'question_env_answer', 'progress_message', 'progress_percent'].includes(type)
  ) {
    const isPlain = message === undefined && /^(?:Traceback|\s+File |[A-Za-z.]+Error)/.test(line);
    if (isPlain) lines.push(line);
    return isPlain;
  }
  if (type !== 'log_message') return true;
  const id = textOf(message?.['msgid']);
  if (id !== '') ids.add(id);
  if (lines.length < 200) lines.push(textOf(message?.['message']));
  return true;
}

function toSnapshot(value: unknown): Snapshot[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Readonly<Record<string, unknown>>;
  const name = textOf(fields['name']) || textOf(fields['archive']);
  const host = textOf(fields['hostname']) || undefined;
  const takenAt = new Date(`${textOf(fields['start']).replace(/(?:Z|[+-]\d\d:\d\d)$/, '')}Z`);
  if (name === '' || Number.isNaN(takenAt.getTime())) return [];
  const title = `archive ${name}${host === undefined ? '' : ` of ${host}`}`;
  return [{ id: name, title, takenAt, series: seriesOf(name, host), names: [name], host, paths: [], tags: [] }];
}

/** The part of a name that stays the same from one archive to the next: all but its digits. */
function seriesOf(name: string, host: string | undefined): string {
  const stem = name.replace(/\d[\dT:._-]*/g, '*');
  return host === undefined ? stem : `${host} (${stem})`;
}
