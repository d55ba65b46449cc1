import type { BackupContent } from '../../../../backup/content.ts';

/** The definition of a table. */
export const TABLE_FILE = /^metadata\/[^/]+\/[^/]+\.json$/;

export function isToolBackup(content: BackupContent): boolean {
  if (content.kind === 'object' || !content.members.has('metadata.json')) return false;
  for (const name of content.members.keys()) if (TABLE_FILE.test(name)) return true;
  return false;
}
