import type { BackupContent } from '../../../../backup/content.ts';
import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

const NONE = /(?!)/;

/** `--format=plain`: the data directory itself. Its label is in no other directory. */
const PLAIN: DirectoryLayout = { mark: 'backup_label', begun: NONE, member: NONE };

/** `--format=tar` into a directory. `base.tar` alone is a backup in one file. */
const TARS: readonly DirectoryLayout[] = ['', '.gz', '.zst', '.lz4'].map((ending) => ({
  mark: `base.tar${ending}`,
  needs: /^(?:backup_manifest(?:\.tmp)?|(?:pg_wal|\d+)\.tar(?:\.\w+)?)$/,
  begun: NONE,
  member: NONE,
}));

/** What pg_basebackup writes: a tar, a directory of tars, a data directory. */
export const baseBackup: FormatDescriptor = {
  name: 'pg-basebackup',
  product: 'a PostgreSQL base backup',
  claims: isBaseBackup,
  layout: [PLAIN, ...TARS],
  load: async () => (await import('./base-backup-format.ts')).baseBackupFormat,
};

/** A tar whose first file is the label, which the server sends first. Source: PostgreSQL's src/backend/backup/basebackup.c, perform_base_backup. */
function isBaseBackup(content: BackupContent): boolean {
  if (content.kind === 'object') return namesInTar(content.head)[0] === 'backup_label';
  return [PLAIN, ...TARS].some(({ mark }) => content.members.has(mark));
}
