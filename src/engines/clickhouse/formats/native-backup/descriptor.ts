import type { BackupContent } from '../../../../backup/content.ts';
import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

const ENTRY = /^(?:shards\/\d+\/replicas\/\d+\/)?metadata\/[^/]+(?:\/[^/]+)?\.sql$/;

/** Source: ClickHouse, src/Backups/BackupImpl.cpp: `.lock` while it is written, `.backup` last. */
const LAYOUT: DirectoryLayout = {
  mark: '.backup',
  needs: /^(?:shards\/\d+\/replicas\/\d+\/)?(?:metadata|data)\//,
  begun: /^\.lock$/,
  member: /^(?:shards|metadata|data)\/|^\.(?:lock|backup)$/,
};

/** What ClickHouse's own BACKUP statement writes: a directory, or a tar of it. */
export const nativeBackup: FormatDescriptor = {
  name: 'clickhouse-backup-statement',
  product: 'a ClickHouse backup',
  claims: isNativeBackup,
  ownsTar: isNativeTar,
  layout: LAYOUT,
  load: async () => (await import('./native-backup-format.ts')).nativeBackupFormat,
};

export function isNativeBackup(content: BackupContent): boolean {
  if (content.kind === 'object') return isNativeTar(namesInTar(content.head));
  const names = [...content.members.keys()];
  return content.members.has('.backup') && names.every((name) => LAYOUT.member.test(name));
}

/** A tar begins with the definitions, and ends with `.backup`. */
function isNativeTar(names: readonly string[]): boolean {
  return names[0] !== undefined && ENTRY.test(names[0]);
}
