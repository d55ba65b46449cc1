import type { FormatDescriptor } from '../../../format.ts';
import { isBolt } from '../../bolt/header.ts';

/** What `etcdctl snapshot save` writes: the server's database, and a checksum behind it. */
export const snapshot: FormatDescriptor = {
  name: 'etcd-snapshot',
  product: 'a bbolt file, as a snapshot of etcd is',
  claims: (content) => content.kind === 'object' && isBolt(content.head),
  load: async () => (await import('./snapshot-format.ts')).snapshotFormat,
};
