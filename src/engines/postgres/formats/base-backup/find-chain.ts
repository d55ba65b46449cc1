import type { BackupContent, DirectoryContent, SourceFiles } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupLabel } from '../../recovery/backup-label.ts';
import type { OpenedBaseBackup } from './backup-parts.ts';
import { readBaseBackup } from './read-base-backup.ts';

/** A file that identifies the location of another backup, even if the job encrypted or compressed it. */
const MARK = /^(.*\/)(?:base\.tar(?:\.(?:gz|zst|lz4))?|backup_label)(?:\.(?:age|gpg|pgp|asc|enc|gz|zst|lz4|xz|bz2))*$/s;
/** Maximum number of backups examined: the first files of each are read. */
const MAX_LOOKED_AT = 200;
const MAX_LINKS = 100;
/** The identifier is in the second line of a manifest. */
const MANIFEST_HEAD_BYTES = 4096;

/**
 * The backups that an incremental one builds on, found in its source by what they record about themselves, whatever their names.
 * @returns the full backup first, the given one last; only the given one if it is full.
 * @throws DrillError `backup-incomplete` if one is missing or is of another cluster, `format-unsupported` if there is nowhere to search.
 */
export async function findChain(
  opened: OpenedBaseBackup,
  signal: AbortSignal,
): Promise<readonly [OpenedBaseBackup, ...OpenedBaseBackup[]]> {
  if (!opened.label.basedOn) return [opened];
  const { content } = opened;
  const { inSource } = content;
  if (content.kind === 'object' || !inSource) {
    throw new DrillError('format-unsupported', `${content.backup.key} is an incremental backup in one file`, {
      hint: 'Have the job write a directory for each backup (`--pgdata=DIRECTORY`), or drill the output of `pg_combinebackup`.',
    });
  }
  const siblings = new Siblings(content, inSource, signal);
  const chain: [OpenedBaseBackup, ...OpenedBaseBackup[]] = [opened];
  for (let base: BackupLabel['basedOn'] = opened.label.basedOn; base; base = chain[0].label.basedOn) {
    if (chain.length > MAX_LINKS) throw incomplete(chain[0], `more than ${MAX_LINKS} backups build on each other`);
    chain.unshift(await siblings.findBase(chain[0], base));
  }
  return chain;
}

/** The other backups in a source, read on demand. */
class Siblings {
  readonly #inSource: SourceFiles;
  readonly #signal: AbortSignal;
  /** First those whose names sort before the incremental one's, the nearest first: names usually contain dates. */
  readonly #keys: readonly string[];
  readonly #read = new Map<string, OpenedBaseBackup | DrillError>();

  constructor({ backup }: DirectoryContent, inSource: SourceFiles, signal: AbortSignal) {
    this.#inSource = inSource;
    this.#signal = signal;
    const keys = new Set(inSource.files.flatMap(({ key }) => MARK.exec(key)?.[1] ?? []));
    keys.delete(backup.key);
    const others = [...keys].sort((a, b) => (a < b ? 1 : -1));
    const earlier = others.filter((key) => key < backup.key);
    this.#keys = [...earlier, ...others.filter((key) => key > backup.key)].slice(0, MAX_LOOKED_AT);
  }

  async findBase(
    increment: OpenedBaseBackup,
    { startLsn, timeline }: NonNullable<BackupLabel['basedOn']>,
  ): Promise<OpenedBaseBackup> {
    const system = await readSystem(increment.content, this.#signal);
    let stranger: string | undefined;
    for (const key of this.#keys) {
      const base = await this.#open(key);
      if (base instanceof DrillError) continue;
      if (base.label.startLsn !== startLsn || base.label.timeline !== timeline) continue;
      const other = await readSystem(base.content, this.#signal);
      const isSame = system === undefined || other === undefined || system === other;
      if (isSame && base.major === increment.major) return base;
      stranger ??= key;
    }
    const where = `it builds on the backup that began at ${startLsn} on timeline ${timeline}`;
    if (stranger !== undefined)
      throw incomplete(increment, `${where}, and ${stranger} belongs to another database cluster`);
    const failed = [...this.#read].flatMap(([key, read]) =>
      read instanceof DrillError ? [`${key}: ${read.message}`] : [],
    );
    throw incomplete(increment, `${where}, and ${this.#inSource.description} holds none`, failed.slice(0, 5));
  }

  async #open(key: string): Promise<OpenedBaseBackup | DrillError> {
    const known = this.#read.get(key);
    if (known) return known;
    const read = await readBaseBackup(this.#inSource.openDirectory(key), this.#signal).catch((error: unknown) => {
      if (error instanceof DrillError && OF_THE_BACKUP.has(error.code)) return error;
      throw error;
    });
    this.#read.set(key, read);
    return read;
  }
}

/** Errors about another backup that are not this one's fault. */
const OF_THE_BACKUP: ReadonlySet<string> = new Set([
  'backup-truncated',
  'backup-corrupt',
  'backup-encrypted',
  'key-wrong',
]);

/** @returns undefined for a backup without a manifest, or with one from before PostgreSQL 17. */
async function readSystem(content: BackupContent, signal: AbortSignal): Promise<string | undefined> {
  if (content.kind === 'object' || !content.members.has('backup_manifest')) return undefined;
  const stream = await content.streamUnwrapped('backup_manifest', signal);
  let head = '';
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      head += chunk.toString('latin1');
      if (head.length >= MANIFEST_HEAD_BYTES) break;
    }
  } finally {
    stream.destroy();
  }
  return /"System-Identifier": (\d{1,20})\b/.exec(head)?.[1];
}

function incomplete({ content }: OpenedBaseBackup, why: string, details: readonly string[] = []): DrillError {
  return new DrillError('backup-incomplete', `${content.backup.key} is an incremental backup: ${why}`, {
    hint: 'Keep each backup until the last one that builds on it has expired, all under `backup.source`, and take a full backup now.',
    details,
  });
}
