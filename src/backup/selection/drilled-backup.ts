import { createHash } from 'node:crypto';
import type { RunFigures } from '../../record/report-store.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { SeenBackup } from '../../record/schedule-store.ts';
import type { StoredObject } from '../source.ts';

/** SHA-256, in hex, over key, etag and size of all objects of a backup, so that changed content changes the identity. */
export function identityOf(parts: readonly Pick<StoredObject, 'key' | 'etag' | 'sizeBytes'>[]): string {
  const lines = parts.map(({ key, etag, sizeBytes }) => JSON.stringify([key, etag, sizeBytes]));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/**
 * Whether a run drilled this backup: it reached a verdict, and the backup has the same key and content. The etag identifies the content: the same bytes stored
 * again count as drilled, other bytes under the same key do not. Runs of directory backups record no etag, so size and time taken are compared instead.
 */
export function hasDrilled({ status, backup }: Pick<RunRecord, 'status' | 'backup'>, seen: SeenBackup): boolean {
  if (status !== 'completed' || backup?.key !== seen.key || backup.sizeBytes !== seen.sizeBytes) return false;
  const { key, etag, sizeBytes, takenAt } = backup;
  if (etag === undefined) return takenAt.getTime() === seen.takenAt.getTime();
  return identityOf([{ key, etag, sizeBytes }]) === seen.identity;
}

/** Whether {@link hasDrilled} can be true for a run, judged by its facts, which include neither key nor etag. */
export function mayHaveDrilled({ outcome, sizeBytes }: RunFigures, seen: SeenBackup): boolean {
  return (outcome === 'passed' || outcome === 'failed') && sizeBytes === seen.sizeBytes;
}
