import { createHash } from 'node:crypto';
import type { BackupSpec } from '../../config/drill-file.ts';
import type { BackupRecord } from '../../record/run-record.ts';
import type { SeenBackup } from '../../record/schedule-store.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import type { SourceTraits } from '../source-driver.ts';
import { findNewest } from './choose.ts';
import { readListing } from './locate-backup.ts';

/**
 * What the newest backup is now, whichever the drill would choose. It reads the listing, and tags where the drill goes by them; no content.
 * One without any bytes is seen, too: a run shall say so.
 * @throws DrillError `backup-missing`, or what the source throws.
 */
export async function pollNewestBackup(
  source: BackupSource,
  { match, takenAt, timezone }: Pick<BackupSpec, 'match' | 'takenAt' | 'timezone'>,
  now: Date,
  signal: AbortSignal,
): Promise<SeenBackup> {
  const spec = { match, takenAt, timezone, select: { by: 'latest' } } as const;
  const { objects, rule } = await readListing(source, spec, now, signal);
  const newest = findNewest(objects, rule, now);
  const { key, sizeBytes, objects: parts } = newest.candidate;
  return { key, sizeBytes, identity: identityOf(parts), takenAt: newest.takenAt, seenAt: now };
}

type Part = Pick<StoredObject, 'key' | 'etag' | 'sizeBytes'>;

/** SHA-256, in hex, over key, etag and size of all objects of a backup: another content is another identity. */
function identityOf(parts: readonly Part[]): string {
  const lines = parts.map(({ key, etag, sizeBytes }) => JSON.stringify([key, etag, sizeBytes]));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** Whether a run drilled this very backup. A directory's run keeps no etags: it is the same by key, size and when it was taken. */
export function isBackupOf({ key, etag, sizeBytes, takenAt }: BackupRecord, seen: SeenBackup): boolean {
  if (key !== seen.key || sizeBytes !== seen.sizeBytes) return false;
  return etag === undefined
    ? takenAt.getTime() === seen.takenAt.getTime()
    : identityOf([{ key, etag, sizeBytes }]) === seen.identity;
}

/**
 * Whether a backup appears whole, so that it can be drilled as soon as it is seen: an object of an atomic store is there when all of it is. A file in a
 * directory grows while it is written, and a directory dump, in such a store as well, comes file by file; both have to be seen unchanged by
 * a second look.
 */
export function isListedAtomically({ atomicObjects }: SourceTraits, { key }: Pick<SeenBackup, 'key'>): boolean {
  return atomicObjects && !key.endsWith('/');
}
