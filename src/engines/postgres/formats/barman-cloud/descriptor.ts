import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { BACKUP_PLACE, DATA_TAR, isBarmanCloud, SERVER_PLACE } from './is-barman-cloud.ts';

/** Newer versions write `backup.info` first with the status STARTED, and again at the end. */
const LAYOUT: DirectoryLayout = {
  mark: 'backup.info',
  needs: DATA_TAR,
  place: BACKUP_PLACE,
  running: /^status=STARTED\s*$/m,
  begun: /(?!)/,
  rootOf: (directory) => SERVER_PLACE.exec(directory)?.[1],
  member: /^(?:data|[1-9]\d{0,9})(?:_\d{4,})?\.tar(?:\.(?:gz|bz2|zst|lz4|snappy))?$/,
};

/** What barman-cloud-backup, and therefore CloudNativePG, writes to an object store: `SERVER/base/ID/`, next to the log in `SERVER/wals/`. */
export const barmanCloud: FormatDescriptor = {
  name: 'barman-cloud',
  product: 'a PostgreSQL backup of barman-cloud',
  claims: isBarmanCloud,
  layout: LAYOUT,
  load: async () => (await import('./barman-format.ts')).barmanFormat,
};
