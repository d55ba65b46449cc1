import type { ObjectContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { bucketNamesIn } from '../../bolt/bucket-names.ts';
import { isBolt, readBoltHeader } from '../../bolt/header.ts';
import type { EtcdOptions } from '../../etcd-options.ts';
import { requireEtcd } from './require-etcd.ts';
import { provisionSnapshot } from './restore-snapshot.ts';
import { requireSize } from './snapshot-watch.ts';

/** The first series with `etcdutl`, which restores snapshots of all older series. */
const OLDEST = '3.5';

export const snapshotFormat: BackupFormat = {
  recognise(content, options) {
    if (content.kind !== 'object' || !isBolt(content.head)) return undefined;
    return async () => open(content, options as EtcdOptions | undefined);
  },
};

function open(content: ObjectContent, options: EtcdOptions | undefined): OpenBackup {
  const { key, sizeBytes } = content.backup;
  const header = readBoltHeader(content.head);
  if (!header) {
    throw new DrillError('backup-corrupt', `${key} begins like an etcd snapshot, but its first pages are damaged`, {
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
    });
  }
  requireEtcd(key, bucketNamesIn(content.head));
  const problem = content.layers.length === 0 && requireSize(key, header, sizeBytes);
  if (problem) throw problem;
  return {
    facts: {
      engine: 'etcd',
      format: `etcd snapshot${describeLayers(content.layers)}`,
      serverVersion: 'unknown',
      dumpedBy: 'snapshot save',
      roles: [],
      database: undefined,
      tableCount: undefined,
    },
    needs: { major: OLDEST, extensions: [] },
    provision: (sandbox, { signal }) => provisionSnapshot({ content, header, options }, sandbox, signal),
  };
}
