import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isNativeBackup, isNativeTar, MEMBER } from './is-native-backup.ts';

/** Source: ClickHouse, src/Backups/BackupImpl.cpp: `.lock` while it is written, `.backup` last. */
const LAYOUT: DirectoryLayout = {
  mark: '.backup',
  needs: /^(?:shards\/\d+\/replicas\/\d+\/)?(?:metadata|data)\//,
  begun: /^\.lock$/,
  member: MEMBER,
};

/** Backups by ClickHouse's own BACKUP statement: a directory, or a tar of it. */
export const nativeBackup: FormatDescriptor = {
  name: 'clickhouse-backup-statement',
  product: 'a ClickHouse backup',
  claims: isNativeBackup,
  ownsTar: isNativeTar,
  layout: LAYOUT,
  load: async () => (await import('./native-backup-format.ts')).nativeBackupFormat,
};
