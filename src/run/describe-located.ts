import type { Backup } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import { formatAge, formatBytes } from '../support/quantities.ts';
import { nameBackup } from '../support/vocabulary.ts';

interface Locating {
  /** How the backup was selected, shown only where that was by chance. */
  readonly selection: string;
  readonly drill: { readonly backup: Pick<Drill['backup'], 'select'> };
  readonly now: Date;
}

/** `orders-2026-11-20.dump, 211 MB, taken 9 h ago`. */
export function describeLocated(
  { key, sizeBytes, takenAt }: Pick<Backup, 'key' | 'sizeBytes' | 'takenAt'>,
  { selection, drill, now }: Locating,
): string {
  const age = formatAge(now.getTime() - takenAt.getTime());
  const chance = drill.backup.select.by === 'random' ? ` (${selection})` : '';
  return `${nameBackup(key)}, ${formatBytes(sizeBytes)}, taken ${age} ago${chance}`;
}
