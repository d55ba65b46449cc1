import { ServerProcess, untilReady } from '../../../server/server-process.ts';
import { POSTGRES_SIGNS } from '../../server/server-log-patterns.ts';
import { serverArguments } from '../../server/settings.ts';
import { RecoveryLog, type ReplayEnd } from './recovery-log.ts';
import type { RecoverySite } from './recovery-site.ts';

/**
 * Replays the log with a server that no one connects to, up to the end of the backup, and stops it once it has left recovery. Nothing of the
 * restored data runs meanwhile: no session, no worker, no library that the drill does not name.
 * @param onReplayed called with the position in the log, once a second.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `image-incomplete`, `version-unsupported`, and what ends any server.
 */
export async function recover(
  key: string,
  { sandbox, tool, boot }: RecoverySite,
  onReplayed: (lsn: string) => void,
  signal: AbortSignal,
): Promise<ReplayEnd> {
  const log = new RecoveryLog();
  const settings = [
    ...serverArguments(sandbox, Number(tool.major), 'load', boot),
    ...['-c', 'hot_standby=off', '-c', 'restore_command=false', '-c', 'recovery_target=immediate'],
    ...['-c', 'recovery_target_action=promote'],
    ...(Number(tool.major) >= 15 ? ['-c', 'log_startup_progress_interval=1s'] : []),
  ];
  const argv = ['sh', '-c', 'umask 077; exec "$@"', 'replay', `${tool.dir}/postgres`, '-D', sandbox.paths.data];
  const server = new ServerProcess(sandbox, [...argv, ...settings], POSTGRES_SIGNS, '', (line) => {
    log.readLine(line);
    const { at } = log.end;
    if (at !== undefined) onReplayed(at);
  });
  try {
    await untilReady(server, sandbox, signal);
  } catch (error) {
    const gaveUp = server.hasEnded && !signal.aborted;
    await server.kill();
    throw (gaveUp ? log.explain(key, server.lastLines) : undefined) ?? error;
  }
  await sandbox.exec([`${tool.dir}/pg_ctl`, 'stop', '-D', sandbox.paths.data, '--mode=fast', '--no-wait'], { signal });
  await server.ended;
  return log.end;
}
