import type { FoundEvent } from '../engines/log-events.ts';
import type { SeenBackup } from '../record/schedule-store.ts';

/** Which backup to use to recover to just before an event. */
export type BackupForEvent =
  /** The latest backup, which a run selects by default. */
  | { readonly kind: 'latest' }
  | { readonly kind: 'older'; readonly key: string }
  /** Every backup was taken after the event. */
  | { readonly kind: 'none' };

/** @param backups newest first; undefined: not known, so the latest is used. */
export function backupForEvent(
  { at }: Pick<FoundEvent, 'at'>,
  backups: readonly Pick<SeenBackup, 'key' | 'takenAt'>[] | undefined,
): BackupForEvent {
  if (at === undefined || backups === undefined) return { kind: 'latest' };
  const index = backups.findIndex(({ takenAt }) => takenAt < at);
  const found = backups[index];
  if (!found) return { kind: 'none' };
  return index === 0 ? { kind: 'latest' } : { kind: 'older', key: found.key };
}
