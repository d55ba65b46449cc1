import type { FormatDescriptor } from '../../../format.ts';
import { areOfEtcd, bucketNamesIn } from '../../bolt/bucket-names.ts';

/** What `etcdctl snapshot save` writes: the server's database, and a checksum behind it. */
export const snapshot: FormatDescriptor = {
  name: 'etcd-snapshot',
  product: 'a snapshot of etcd',
  claims: (content) => content.kind === 'object' && areOfEtcd(bucketNamesIn(content.head) ?? []),
  load: async () => (await import('./snapshot-format.ts')).snapshotFormat,
};
