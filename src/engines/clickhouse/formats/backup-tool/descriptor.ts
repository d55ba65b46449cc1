import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isToolBackup, TABLE_FILE } from './is-tool-backup.ts';

const MEMBER =
  /^(?:metadata|shadow|access|configs|named_collections)\/|^(?:metadata\.json|(?:access|configs|named_collections)\.[\w.]+)$/;

/** Source: clickhouse-backup, pkg/backup/upload.go: metadata.json goes last. */
const LAYOUT: DirectoryLayout = { mark: 'metadata.json', needs: TABLE_FILE, member: MEMBER };

/** Backups by the program clickhouse-backup, on disk or in a store. */
export const backupTool: FormatDescriptor = {
  name: 'clickhouse-backup-tool',
  product: 'a backup by clickhouse-backup',
  claims: isToolBackup,
  layout: LAYOUT,
  load: async () => (await import('./tool-format.ts')).toolFormat,
};
