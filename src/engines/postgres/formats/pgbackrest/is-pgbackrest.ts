import type { BackupContent } from '../../../../backup/content.ts';
import { ENTRY } from './repository-entry.ts';

export const MARK = 'backup.manifest';

/** By its place and the names of its files alone. */
export function isPgbackrest(content: BackupContent): boolean {
  return content.kind === 'directory' && content.members.has(MARK) && ENTRY.test(content.backup.key);
}
