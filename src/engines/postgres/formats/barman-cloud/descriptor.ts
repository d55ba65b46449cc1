import type { BackupContent } from '../../../../backup/content.ts';
import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';

const DATA = /^data(?:_\d{4,})?\.tar(?:\.\w+)?$/;
const NONE = /(?!)/;

/** Newer versions write `backup.info` first as STARTED, and once more at the end. Other tools have a file of that name as well, in other places. */
const LAYOUT: DirectoryLayout = {
  mark: 'backup.info',
  needs: DATA,
  place: /(?:^|\/)base\/\d{8}T\d{6}\/$/,
  running: /^status=STARTED\s*$/m,
  begun: NONE,
  member: /^(?:data|[1-9]\d{0,9})(?:_\d{4,})?\.tar(?:\.(?:gz|bz2|zst|lz4|snappy))?$/,
};

/** What barman-cloud-backup, and so CloudNativePG, writes to an object store: `SERVER/base/ID/`, beside the log in `SERVER/wals/`. */
export const barmanCloud: FormatDescriptor = {
  name: 'barman-cloud',
  product: 'a PostgreSQL backup of barman-cloud',
  claims: isBarmanCloud,
  layout: LAYOUT,
  load: async () => (await import('./barman-format.ts')).barmanFormat,
};

/** By the names of its files alone: a snapshot has no tar. */
export function isBarmanCloud(content: BackupContent): boolean {
  if (content.kind !== 'directory' || !content.members.has('backup.info')) return false;
  const names = [...content.members.keys()];
  return LAYOUT.place?.test(content.backup.key) === true || names.some((name) => DATA.test(name));
}
