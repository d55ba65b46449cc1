import { DrillError } from '../../../support/errors.ts';
import { parseLsn } from '../log/log-line.ts';
import { readCheckpointTime } from './control-file.ts';
import type { PhysicalBackup } from './physical-backup.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { ServerTarget } from './recovery-target.ts';

/**
 * Refuses a point before the checkpoint that the backup was taken with or after. A server that is given such an instant stops just after the backup if nothing
 * committed while it was taken, and says nothing: the data would be newer than what was asked for.
 * @throws DrillError `target-not-reached`.
 */
export async function requireLaterTarget(
  { key, label }: Pick<PhysicalBackup, 'key' | 'label'>,
  { sandbox }: Pick<RecoverySite, 'sandbox'>,
  target: ServerTarget,
  signal: AbortSignal,
): Promise<void> {
  if (target.kind === 'position' && 'lsn' in target.at && parseLsn(target.at.lsn) < parseLsn(label.startLsn))
    throw tooEarly(target.at.lsn, key, `begins at ${label.startLsn}`);
  if (target.kind !== 'time') return;
  const taken = await readCheckpointTime(sandbox, signal);
  if (taken !== undefined && target.at < taken)
    throw tooEarly(target.at.toISOString(), key, `has its checkpoint at ${taken.toISOString()}`);
}

function tooEarly(point: string, key: string, beginning: string): DrillError {
  return new DrillError(
    'target-not-reached',
    `the point that recovery is to stop at, ${point}, lies before ${key}, which ${beginning}`,
    { hint: 'Recover from an older backup: name it with `--backup`.' },
  );
}
