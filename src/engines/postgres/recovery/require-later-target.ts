import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import type { RecoveryTarget } from '../../format.ts';
import { NAME_A_POINT, requireDumpTool } from '../log/dump-log.ts';
import { parseLsn } from '../log/log-line.ts';
import { readCheckpointTime } from './control-file.ts';
import type { PhysicalBackup } from './physical-backup.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { ServerTarget } from './recovery-target.ts';

/**
 * Checks what can be known about a target before the backup is unpacked, which may take hours.
 * @throws DrillError `target-not-reached`, `tool-missing`.
 */
export async function requireKnownTarget(
  { key, label }: Pick<PhysicalBackup, 'key' | 'label'>,
  { sandbox, tool }: Pick<RecoverySite, 'sandbox' | 'tool'>,
  { target, hasLog }: { readonly target: RecoveryTarget; readonly hasLog: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (target.kind === 'position' && 'lsn' in target.at && parseLsn(target.at.lsn) < parseLsn(label.startLsn))
    throw tooEarly(target.at.lsn, key, `begins at ${label.startLsn}`);
  if (target.kind !== 'before' && target.kind !== 'random') return;
  if (!hasLog) throw noLog(target.kind === 'before' ? target.event : 'commit');
  await requireDumpTool({ sandbox, binDir: tool.dir }, signal, NAME_A_POINT);
}

/** @param what the log was to be searched for. */
export function noLog(what: string): DrillError {
  return new DrillError('target-not-reached', `there is no log archive to look for a ${what} in`, {
    hint: 'Name the place that `archive_command` writes to in `backup.log`.',
  });
}

/**
 * Refuses an instant before the checkpoint with or after which the backup was taken. Given such an instant, a server stops just after the backup if nothing
 * committed while it was taken, without any message: the data would be newer than requested.
 * @throws DrillError `target-not-reached`.
 */
export async function requireLaterTarget(
  { key }: Pick<PhysicalBackup, 'key'>,
  { sandbox }: Pick<RecoverySite, 'sandbox'>,
  target: ServerTarget,
  signal: AbortSignal,
): Promise<void> {
  if (target.kind !== 'time') return;
  const taken = await readCheckpointTime(sandbox, signal);
  if (taken !== undefined && target.at < taken)
    throw tooEarly(formatExactInstant(target.at), key, `has its checkpoint at ${formatExactInstant(taken)}`);
}

function tooEarly(point: string, key: string, beginning: string): DrillError {
  return new DrillError('target-not-reached', `the target ${point} is before ${key}, which ${beginning}`, {
    hint: 'Recover from an older backup: name it with `--backup`.',
  });
}
