import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isBaseBackup, isOfDataDirectory } from './is-base-backup.ts';

/** `--format=plain`: the data directory itself. No other directory contains its label; a copy of a stopped server has none. */
const PLAIN: readonly DirectoryLayout[] = [
  { mark: 'backup_label' },
  { mark: 'PG_VERSION', needs: /^global\/pg_control$/ },
];

/** `--format=tar` into a directory. `base.tar` alone is a single-file backup. */
const TARS: readonly DirectoryLayout[] = ['', '.gz', '.zst', '.lz4'].map((ending) => ({
  mark: `base.tar${ending}`,
  needs: /^(?:backup_manifest(?:\.tmp)?|(?:pg_wal|\d+)\.tar(?:\.\w+)?)$/,
}));

/** Output of pg_basebackup: a tar, a directory of tars, a data directory. Also the data directory of a server that was shut down. */
export const baseBackup: FormatDescriptor = {
  name: 'pg-basebackup',
  product: 'a PostgreSQL base backup',
  claims: isBaseBackup,
  ownsTar: (names) => names.some(isOfDataDirectory),
  layout: [...PLAIN, ...TARS],
  load: async () => (await import('./base-backup-format.ts')).baseBackupFormat,
};
