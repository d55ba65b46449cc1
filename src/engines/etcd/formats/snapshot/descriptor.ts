import type { FormatDescriptor } from '../../../format.ts';
import { areOfEtcd, bucketNamesIn } from '../../bolt/bucket-names.ts';

/** The output of `etcdctl snapshot save`: the server's database, followed by a checksum. */
export const snapshot: FormatDescriptor = {
  name: 'etcd-snapshot',
  product: 'a snapshot of etcd',
  claims: (content) => content.kind === 'object' && areOfEtcd(bucketNamesIn(content.head) ?? []),
  load: async () => (await import('./snapshot-format.ts')).snapshotFormat,
};
