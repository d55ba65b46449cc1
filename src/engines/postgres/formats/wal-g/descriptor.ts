import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isWalG, SERVER_PLACE, TAR_PARTITION } from './is-wal-g.ts';

/** The sentinel, which is written last, is next to the directory; `metadata.json` is written shortly before it. */
const LAYOUT: DirectoryLayout = {
  mark: 'metadata.json',
  needs: TAR_PARTITION,
  begun: /(?!)/,
  member: /(?!)/,
  rootOf: (directory) => SERVER_PLACE.exec(directory)?.[1],
};

/** Output of `wal-g backup-push`: `basebackups_005/base_…/` with its sentinel next to it, and the log in `wal_005/`. */
export const walG: FormatDescriptor = {
  name: 'wal-g',
  product: 'a PostgreSQL backup of WAL-G',
  claims: isWalG,
  layout: LAYOUT,
  load: async () => (await import('./wal-g-format.ts')).walGFormat,
};
