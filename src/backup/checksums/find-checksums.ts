import { buffer } from 'node:stream/consumers';
import { asDrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatBytes } from '../../support/quantities.ts';
import type { TransferMeter } from '../content.ts';
import type { Backup, BackupSource, StoredObject } from '../source.ts';
import { listsChecksumOf } from './checksum-names.ts';
import type { ExpectedChecksum } from './expected-checksum.ts';
import { type ListedChecksum, parseChecksums } from './parse-checksums.ts';

const MAX_FILE_BYTES = 1_000_000;
const MAX_FILES = 8;
/** A checksum file this much older than its backup still belongs to it: copies of both are stored in any order. */
const SAME_TIME_MS = 60_000;

export interface FoundChecksums {
  readonly expected: readonly ExpectedChecksum[];
  readonly warnings: readonly string[];
}

/**
 * The checksums that files next to a backup list for it. Reads nothing unless such a file is there, and at most 8 files of 1 MB. A file that cannot be read,
 * or is no checksum file, is a warning; one that does not list the backup is not even that.
 * @param beside the other files in the backup's folder.
 * @param meter counts the bytes read.
 */
export async function findChecksums(
  { source, backup, beside }: { source: BackupSource; backup: Backup; beside: readonly StoredObject[] },
  meter: TransferMeter,
  signal: AbortSignal,
): Promise<FoundChecksums> {
  if (backup.kind === 'directory') return { expected: [], warnings: [] };
  const expected: ExpectedChecksum[] = [];
  const warnings: string[] = [];
  const name = nameOf(backup.key);
  for (const { object, isOwn } of checksumFiles(name, beside)) {
    const file = toPrintable(nameOf(object.key));
    const read = await readListed(source, object, meter, signal);
    if ('problem' in read) {
      if (isOwn) warnings.push(`${file} ${read.problem}, so ${toPrintable(name)} was not compared with it`);
      continue;
    }
    const olderByMs = newestOf(backup).getTime() - object.modifiedAt.getTime();
    for (const { algorithm, digest, isNamed } of listedFor(backup.key, read.listed, isOwn))
      expected.push({ algorithm, digest, file, olderByMs: olderByMs > SAME_TIME_MS ? olderByMs : 0, isNamed });
  }
  return { expected, warnings };
}

/** Whether a file next to a backup may list its checksum, by its name. Keys of both. */
export function mayListChecksum(key: string, backupKey: string): boolean {
  const folder = backupKey.slice(0, backupKey.lastIndexOf('/') + 1);
  return (
    key.startsWith(folder) &&
    !key.includes('/', folder.length) &&
    listsChecksumOf(nameOf(key), nameOf(backupKey)) !== undefined
  );
}

/** The backup's own checksum files first. */
function checksumFiles(name: string, beside: readonly StoredObject[]) {
  const found = beside.flatMap((object) => {
    const kind = listsChecksumOf(nameOf(object.key), name);
    return kind ? [{ object, isOwn: kind === 'own' }] : [];
  });
  return found.sort((a, b) => Number(b.isOwn) - Number(a.isOwn)).slice(0, MAX_FILES);
}

async function readListed(
  source: BackupSource,
  object: StoredObject,
  meter: TransferMeter,
  signal: AbortSignal,
): Promise<{ readonly listed: readonly ListedChecksum[] } | { readonly problem: string }> {
  const { sizeBytes } = object;
  if (sizeBytes === 0) return { problem: 'is empty' };
  if (sizeBytes > MAX_FILE_BYTES) return { problem: `is larger than ${formatBytes(MAX_FILE_BYTES)}` };
  try {
    const content = await buffer(await source.read(object, { start: 0, end: sizeBytes }, signal));
    meter.bytesRead += content.length;
    const listed = parseChecksums(content);
    return listed ? { listed } : { problem: 'lists no checksum' };
  } catch (error) {
    signal.throwIfAborted();
    return { problem: `cannot be read (${asDrillError(error).message})` };
  }
}

interface OfBackup extends Pick<ListedChecksum, 'algorithm' | 'digest'> {
  readonly isNamed: boolean;
}

/**
 * The last line for each algorithm counts: jobs append to a list. A backup's own file may name it by an earlier name; a name without the last extensions is
 * that of the unpacked content, which is not compared.
 */
function listedFor(key: string, listed: readonly ListedChecksum[], isOwn: boolean): readonly OfBackup[] {
  const name = nameOf(key).normalize();
  const named = listed.filter(({ path }) => path !== undefined && nameIn(path) === name);
  const exact = named.filter(({ path = '' }) => `/${key.normalize()}`.endsWith(`/${plainPath(path)}`));
  const isOneFile = new Set(named.map(({ path = '' }) => plainPath(path))).size === 1;
  const chosen = exact.length > 0 ? exact : isOneFile ? named : [];
  if (chosen.length > 0) return lastOfEach(chosen).map((each) => ({ ...each, isNamed: true }));
  if (!isOwn) return [];
  const bare = listed.filter(({ path }) => path === undefined);
  if (bare.length > 0) return lastOfEach(bare).map((each) => ({ ...each, isNamed: true }));
  const [only, another] = listed;
  if (!only || another || name.startsWith(`${nameIn(only.path ?? '')}.`)) return [];
  return [{ ...only, isNamed: false }];
}

function lastOfEach(listed: readonly ListedChecksum[]): readonly ListedChecksum[] {
  return [...new Map(listed.map((each) => [each.algorithm, each])).values()];
}

function plainPath(path: string): string {
  return path
    .normalize()
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '');
}

function nameIn(path: string): string {
  return nameOf(plainPath(path));
}

/** Without the folder; of a split file, the name of the whole. */
function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1).replace(/[._-]?(?:part)?[._-]?\*$/i, '');
}

function newestOf({ objects }: Backup): Date {
  return new Date(Math.max(...objects.map(({ modifiedAt }) => modifiedAt.getTime())));
}
