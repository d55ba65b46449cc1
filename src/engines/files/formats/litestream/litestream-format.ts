import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupFormat } from '../../../format.ts';
import { filesBackup } from '../../files-backup.ts';
import { planRestore, type ReplicaPlan } from './plan-restore.ts';
import { readReplicaName } from './replica-names.ts';
import { restoreReplica } from './restore-replica.ts';

export const litestreamFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind !== 'directory' || ![...content.members.keys()].some(readReplicaName)) return undefined;
    return async () => {
      const plan = planOf(content);
      const names = new Set([plan.snapshot, ...plan.segments].map(({ name }) => content.backup.key + name));
      return filesBackup({
        format: 'Litestream replica (SQLite)',
        key: content.backup.key,
        tool: 'Litestream 0.3',
        tools: ['litestream', 'sqlite3'],
        meter: content.meter,
        readFiles: content.backup.objects.filter(({ key }) => names.has(key)),
        restore: (site) => restoreReplica(content, plan, site),
      });
    };
  },
};

/** @throws DrillError `backup-truncated` for a replica with a gap, before a sandbox exists. */
function planOf({ backup }: DirectoryContent): ReplicaPlan {
  const { key, objects } = backup;
  const plan = planRestore(
    objects.map((object) => ({ name: object.key.slice(key.length), modifiedAt: object.modifiedAt })),
  );
  if (!('why' in plan)) return plan;
  throw new DrillError('backup-truncated', `the Litestream replica ${key} ${plan.why}`, {
    hint: 'Litestream would restore around that without an error. Find out what deleted it, and let `litestream replicate` begin a new generation.',
  });
}
