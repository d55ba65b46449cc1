import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatCount } from '../../../../support/quantities.ts';
import { makeReadable } from '../../make-readable.ts';
import { stageRepository, withPassword } from '../../repository/open-repository.ts';
import { readObject, runTool, textOf, textsOf, unrestored } from '../../repository/run-tool.ts';
import { chooseSnapshot, type Snapshot } from '../../repository/snapshot.ts';
import type { FilesSite, RestoredTree } from '../../site.ts';
import { explainRestic, isOfNoUser, type ResticSaid } from './restic-messages.ts';

export const LOCK = /^locks\//;
/** Exit code of restic: the password is wrong. Source: doc/075_scripting.rst, "Exit codes". */
const WRONG_PASSWORD = 12;

/**
 * Stages a repository, makes restic list it, and restores a snapshot, which must be restored completely.
 * @param chosen.id of that snapshot; undefined: the newest of the drill's choice. @param chosen.key of the backup, for errors.
 */
export async function restoreRestic(
  content: DirectoryContent,
  site: FilesSite,
  { key, id }: { readonly key: string; readonly id: string | undefined },
): Promise<RestoredTree> {
  const repository = await stageRepository(content, site, LOCK);
  const tool = await withPassword(content.inSource?.keys, key, async (password) => {
    const restic = new Restic(site, repository, key, password?.text);
    const snapshots = await restic.snapshots();
    return snapshots && { restic, snapshots };
  });
  const { restic, snapshots } = tool;
  const listedThere = id === undefined ? snapshots : snapshots.filter((one) => one.id === id);
  if (id !== undefined && listedThere.length === 0) throw notListed(key);
  const chosen = chooseSnapshot(listedThere, site.snapshot ?? {}, key);
  const listed = await restic.list(chosen);
  const warnings = await restic.restore(chosen, listed);
  await makeReadable(site);
  await site.sandbox.exec(['rm', '-rf', repository], { signal: site.signal });
  return { ...listed, warnings, takenAt: chosen.takenAt, summary: chosen.summary };
}

function notListed(key: string): DrillError {
  return new DrillError('backup-corrupt', `restic does not list ${key}, whose file is in the repository`, {
    hint: 'Run `restic check` on the repository, and compare with `restic snapshots`.',
  });
}

interface Listed {
  readonly files: number;
  readonly bytes: number;
}

class Restic {
  readonly #site: FilesSite;
  readonly #key: string;
  readonly #argv: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  constructor(site: FilesSite, repository: string, key: string, password: string | undefined) {
    this.#site = site;
    this.#key = key;
    const isOpen = password === undefined;
    this.#argv = [
      'restic',
      '--repo',
      repository,
      '--no-lock',
      '--no-cache',
      '--json',
      ...(isOpen ? ['--insecure-no-password'] : []),
    ];
    const home = site.sandbox.paths.scratch;
    this.#env = {
      HOME: home,
      TMPDIR: home,
      LC_ALL: 'C',
      RESTIC_PROGRESS_FPS: '2',
      ...(isOpen ? {} : { RESTIC_PASSWORD: firstLine(password) }),
    };
  }

  /** @returns undefined: the password is wrong. */
  async snapshots(): Promise<Snapshot[] | undefined> {
    this.#site.onDoing('listing the snapshots', 'unknown');
    const said: ResticSaid = { errors: [], text: '' };
    let list: unknown = [];
    const exitCode = await this.#run(['snapshots'], (line) => {
      if (line.startsWith('[')) list = parseList(line);
      else note(said, line);
    });
    if (exitCode === WRONG_PASSWORD || /wrong password|no key found|empty password/i.test(said.text)) return undefined;
    if (exitCode !== 0) throw explainRestic(this.#key, 'listed', exitCode, said);
    return (Array.isArray(list) ? list : []).flatMap(toSnapshot);
  }

  /** The snapshot's own list of contents. */
  async list({ id }: Snapshot): Promise<Listed> {
    this.#site.onDoing('reading what the snapshot lists', 'unknown');
    const said: ResticSaid = { errors: [], text: '' };
    let files = 0;
    let bytes = 0;
    const exitCode = await this.#run(['ls', id], (line) => {
      const node = readObject(line);
      if (node?.['struct_type'] !== 'node' && node?.['message_type'] !== 'node') return note(said, line);
      if (node['type'] !== 'file') return;
      files += 1;
      bytes += typeof node['size'] === 'number' ? node['size'] : 0;
    });
    if (exitCode !== 0) throw explainRestic(this.#key, 'listed', exitCode, said);
    return { files, bytes };
  }

  /** @returns warnings. */
  async restore({ id, title }: Snapshot, { files }: Listed): Promise<string[]> {
    const said: ResticSaid = { errors: [], text: '' };
    this.#site.onDoing(`restoring ${title}`, 'unknown');
    const exitCode = await this.#run(['restore', id, '--target', this.#site.directory], (line) => {
      const message = readObject(line);
      const { bytes_restored: done, total_bytes: total } = message ?? {};
      if (message?.['message_type'] === 'status' && typeof total === 'number')
        this.#site.onDoing(`restoring ${title}`, { done: typeof done === 'number' ? done : 0, total });
      else note(said, line);
    });
    if (exitCode === 0) return [];
    const real = said.errors.filter((error) => !isOfNoUser(error));
    if (said.errors.length > 0 && real.length === 0) {
      const count = formatCount(said.errors.length);
      return [
        `restic could not set an owner, device or attribute ${count} times, since the sandbox has no root; ${formatCount(files)} files are counted`,
      ];
    }
    throw explainRestic(this.#key, 'restored', exitCode, said);
  }

  #run(args: readonly string[], onLine: (line: string) => void): Promise<number> {
    const { sandbox, signal } = this.#site;
    return runTool([...this.#argv, ...args], { sandbox, env: this.#env, signal, onLine });
  }
}

function note(said: ResticSaid, line: string): void {
  const message = readObject(line);
  const { message_type: type } = message ?? {};
  if (type === 'status' || type === 'summary') return;
  const error = message?.['error'];
  const text =
    typeof error === 'object' && error !== null && 'message' in error
      ? textOf(error.message)
      : textOf(message?.['message']) || line;
  if (type === 'error') said.errors.push(text);
  if (said.text.length < 64 * 1024) said.text += `${text}\n`;
}

function parseList(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw unrestored(
      'restore-failed',
      'restic printed a list of snapshots that is not JSON',
      [],
      'Try another version of restic in the image.',
    );
  }
}

function toSnapshot(value: unknown): Snapshot[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Readonly<Record<string, unknown>>;
  const [id, host] = [textOf(fields['id']), textOf(fields['hostname'])];
  const takenAt = new Date(textOf(fields['time']));
  const [paths, tags] = [textsOf(fields['paths']), textsOf(fields['tags'])];
  if (!/^[0-9a-f]{64}$/.test(id) || Number.isNaN(takenAt.getTime())) return [];
  const where = `${host} (${paths.join(', ')})`;
  const names = [id, id.slice(0, 8)];
  return [{ id, title: `snapshot ${id.slice(0, 8)} of ${where}`, takenAt, series: where, names, host, paths, tags }];
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
