import type { BackupContent } from '../../../../backup/content.ts';
import { ENTRY } from './repository-entry.ts';

export const MARK = 'backup.manifest';

/** Decides by its location and file names alone. */
export function isPgbackrest(content: BackupContent): boolean {
  return content.kind === 'directory' && content.members.has(MARK) && ENTRY.test(content.backup.key);
}
