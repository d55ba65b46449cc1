import type { BackupContent, SourceFiles } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { isTarName } from '../../../../support/tar-name.ts';
import { seriesOf } from '../../../../support/versions.ts';
import type { BackupInfo } from '../../xbstream/backup-info.ts';
import { readStreamInfo } from '../../xbstream/read-stream-info.ts';
import { streamIn } from '../../xbstream/stream-file.ts';
import { isStreamName } from './is-mariadb-backup.ts';
import { type OpenedMariadbBackup, openMariadbBackup, openTar } from './opened-backup.ts';

/** This small file marks the directory of a backup, even if the job encrypted or compressed it. */
const MARK = /^(.*\/)(?:mariadb_backup|xtrabackup)_info(?:\.(?:age|gpg|pgp|asc|enc|gz|zst|lz4|xz|bz2))*$/s;
/** Limits the number of backups inspected, because part of each is read. */
const MAX_LOOKED_AT = 200;
const MAX_LINKS = 100;

export type Chain = readonly [OpenedMariadbBackup, ...OpenedMariadbBackup[]];

/**
 * Finds the backups that an incremental one builds on in its source, by their metadata rather than their names: each began where the previous one ended in
 * InnoDB's log.
 * @returns the full backup first, the given one last; only the given one if it is full, or was opened without the rest of its source.
 * @throws DrillError `backup-incomplete` when one is missing; the error of reading a file of the source that may be the missing one.
 */
export async function findChain(
  opened: OpenedMariadbBackup,
  content: BackupContent,
  signal: AbortSignal,
): Promise<Chain> {
  if (!isIncrement(opened)) return [opened];
  if (!content.inSource) return [opened]; // only looked at: `requireFull` refuses to restore it
  const siblings = new Siblings(opened, content, content.inSource, signal);
  const chain: [OpenedMariadbBackup, ...OpenedMariadbBackup[]] = [opened];
  while (isIncrement(chain[0])) {
    if (chain.length > MAX_LINKS) throw incomplete(chain[0], `more than ${MAX_LINKS} backups build on each other`);
    chain.unshift(await siblings.findBase(chain[0], chain));
  }
  return chain;
}

/** @throws DrillError `format-unsupported` for a chain whose beginning was not searched for. */
export function requireFull([first]: Chain): void {
  if (!isIncrement(first)) return;
  throw new DrillError(
    'format-unsupported',
    `${first.key} is an incremental backup, and the backups that it builds on were not searched for`,
    { hint: 'Store it under `backup.source`, beside the backups that it builds on.' },
  );
}

function isIncrement({ info }: OpenedMariadbBackup): boolean {
  return info?.checkpoints?.isIncremental === true;
}

/** The other backups in a source, read on demand. */
class Siblings {
  readonly #content: BackupContent;
  readonly #inSource: SourceFiles;
  readonly #signal: AbortSignal;
  /** Tars last: each is read to the end, because its metadata may be anywhere in it. */
  readonly #keys: readonly string[];
  readonly #read = new Map<string, OpenedMariadbBackup | DrillError>();

  constructor(opened: OpenedMariadbBackup, content: BackupContent, inSource: SourceFiles, signal: AbortSignal) {
    this.#content = content;
    this.#inSource = inSource;
    this.#signal = signal;
    const own = content.backup.key;
    const directories = new Set(inSource.files.flatMap(({ key }) => MARK.exec(key)?.[1] ?? []));
    const isInside = (key: string) => directories.has(key.slice(0, key.lastIndexOf('/') + 1));
    const ending = endingOf(own);
    const streams = inSource.files.flatMap(({ key }) =>
      !isInside(key) && (isStreamName(key) || (ending !== '' && endingOf(key) === ending)) ? [key] : [],
    );
    const tars = inSource.files.flatMap(({ key }) => (!isInside(key) && isTarName(key) ? [key] : []));
    const isOther = (key: string) => key !== own;
    const inOrder = [...new Set([...directories, ...streams])].filter((key) => isOther(key) && !isTarName(key));
    this.#keys = [...nearestFirst(inOrder, own), ...nearestFirst(tars.filter(isOther), own)].slice(0, MAX_LOOKED_AT);
    this.#read.set(own, opened);
  }

  /** Several may end at the same point if nothing was written in between. A full one is just as good, and makes the chain shorter. */
  async findBase(increment: OpenedMariadbBackup, chain: readonly OpenedMariadbBackup[]): Promise<OpenedMariadbBackup> {
    const from = increment.info?.checkpoints?.fromLsn;
    const fitting: OpenedMariadbBackup[] = [];
    for (const key of this.#keys) {
      if (fitting.length > 0 && isTarName(key)) break;
      const base = await this.#open(key);
      if (base instanceof DrillError || chain.includes(base) || base.info?.checkpoints?.toLsn !== from) continue;
      if (!isOfOneServer(base.info, increment.info)) continue;
      if (!isIncrement(base)) return base;
      fitting.push(base);
    }
    const [nearest] = fitting.toSorted((a, b) => compareTexts(b.info?.startedAt, a.info?.startedAt));
    if (nearest) return nearest;
    const unread = [...this.#read.values()].find((read) => read instanceof DrillError && UNKNOWN.has(read.code));
    if (unread instanceof DrillError) throw perhapsThere(increment.key, from, unread);
    throw incomplete(
      increment,
      `it continues from LSN ${from}, and ${this.#inSource.description} holds no backup that ends there`,
      [...this.#read.values()]
        .flatMap((read) => (read instanceof DrillError ? [read.message] : describeRange(read)))
        .slice(0, 10),
    );
  }

  async #open(key: string): Promise<OpenedMariadbBackup | DrillError> {
    const known = this.#read.get(key);
    if (known) return known;
    const read = await this.#readFrom(key).catch((error: unknown) => {
      if (error instanceof DrillError && OF_THE_BACKUP.has(error.code)) return error;
      throw error;
    });
    this.#read.set(key, read);
    return read;
  }

  async #readFrom(key: string): Promise<OpenedMariadbBackup> {
    if (key.endsWith('/')) {
      const content = this.#inSource.openDirectory(key);
      return openMariadbBackup({ ...content, inSource: this.#inSource }, this.#signal);
    }
    const file = this.#inSource.files.find((listed) => listed.key === key) ?? { key, sizeBytes: 0 };
    const stream = await streamIn(this.#inSource, file, this.#content.decompress, this.#signal);
    if (isTarName(key)) return openTar(stream, this.#signal);
    return { key, files: { shape: 'stream', stream }, info: await readStreamInfo(stream, this.#signal, true) };
  }
}

/** Problems of another backup that do not concern this one. */
const OF_THE_BACKUP: ReadonlySet<string> = new Set([
  'backup-truncated',
  'backup-corrupt',
  'backup-encrypted',
  'backup-unrecognised',
  'format-unsupported',
  'key-wrong',
]);

/** The contents of such a file are unknown, so nothing can be concluded about the backup. */
const UNKNOWN: ReadonlySet<string> = new Set(['backup-encrypted', 'key-wrong', 'format-unsupported']);

function perhapsThere(key: string, from: string | undefined, { code, message, hint }: DrillError): DrillError {
  return new DrillError(
    code,
    `${key} is an incremental backup that continues from LSN ${from}, and what ends there may be in a file that cannot be read: ${message}`,
    hint === undefined ? {} : { hint },
  );
}

/** The tool does not record the server's name in a backup; but a backup whose later increment is of a different series is not from the same server. */
function isOfOneServer(base: BackupInfo | undefined, increment: BackupInfo | undefined): boolean {
  if (base?.serverVersion === undefined || increment?.serverVersion === undefined) return true;
  return seriesOf(base.serverVersion, 2) === seriesOf(increment.serverVersion, 2);
}

function describeRange({ key, info }: OpenedMariadbBackup): string[] {
  const range = info?.checkpoints;
  return range ? [`${key}: LSN ${range.fromLsn} to ${range.toLsn}`] : [];
}

/** Backups named before this one first, nearest first: names usually contain dates. */
function nearestFirst(keys: readonly string[], own: string): readonly string[] {
  const sorted = keys.toSorted((a, b) => (a < b ? 1 : -1));
  return [...sorted.filter((key) => key < own), ...sorted.filter((key) => key > own)];
}

/** `.mb.zst` of `2026-11-28.mb.zst`. */
function endingOf(key: string): string {
  return /(?:\.[A-Za-z]\w*)*$/.exec(key.slice(key.lastIndexOf('/') + 1))?.[0] ?? '';
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : Number(a > b);
}

function incomplete({ key }: OpenedMariadbBackup, why: string, details: readonly string[] = []): DrillError {
  return new DrillError('backup-incomplete', `${key} is an incremental backup: ${why}`, {
    hint: 'Keep each backup until the last one that builds on it has expired, all under `backup.source`, and take a full backup now.',
    details,
  });
}
