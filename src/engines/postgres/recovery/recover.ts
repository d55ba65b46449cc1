import type { DrillError } from '../../../support/errors.ts';
import { ServerProcess, untilReady } from '../../server/server-process.ts';
import { POSTGRES_SIGNS } from '../server/server-log-patterns.ts';
import { serverArguments } from '../server/settings.ts';
import { RecoveryLog, type ReplayEnd } from './recovery-log.ts';
import type { RecoverySite } from './recovery-site.ts';

export interface RecoverOptions {
  /** The backup's key, for messages. */
  readonly key: string;
  /** Arguments for the recovery target; see `targetArguments`. */
  readonly target: readonly string[];
  /** The target for messages: `the restore point before_release`. */
  readonly point: string;
  /** Shell command with which the server gets archived segments. Undefined if there are none besides those in the backup. */
  readonly restoreCommand: string | undefined;
  /** Rejects when no more files can be fetched for the command, which would then wait in vain. */
  readonly supply: Promise<void> | undefined;
  /** Why the command could not deliver a file that is in the archive. */
  readonly failure: () => DrillError | undefined;
  /** Called when the log ended before the target or the end of the backup. Throws if something in it is missing or damaged. */
  readonly requireWhole?: () => void;
  /** Called with each line of the server's log, including the command's output. */
  readonly onLine: (line: string) => void;
  /** Called once a second with the position in the log. */
  readonly onReplayed: (lsn: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Replays the log up to the target with a server that accepts no connections, and stops it once it has left recovery. Nothing of the restored data runs
 * meanwhile: no session, no worker, no library that the drill does not name.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `target-not-reached`, `image-incomplete`, `version-unsupported`, what ends any server, and the
 * command's failure.
 */
export async function recover(
  { sandbox, tool, boot }: RecoverySite,
  { key, target, point, restoreCommand, supply, failure, requireWhole, onLine, onReplayed, signal }: RecoverOptions,
): Promise<ReplayEnd> {
  const log = new RecoveryLog();
  const settings = [
    ...serverArguments(sandbox, Number(tool.major), 'load', boot),
    // log files may be links to what was fetched, so the server must not write to them again
    ...[
      '-c',
      'wal_recycle=off',
      '-c',
      'hot_standby=off',
      '-c',
      `restore_command=${restoreCommand ?? 'false'}`,
      ...target,
    ],
    ...(Number(tool.major) >= 15 ? ['-c', 'log_startup_progress_interval=1s'] : []),
  ];
  const argv = ['sh', '-c', 'umask 077; exec "$@"', 'replay', `${tool.dir}/postgres`, '-D', sandbox.paths.data];
  const signs = { ...POSTGRES_SIGNS, noise: /^firedrill: / };
  const server = new ServerProcess(sandbox, [...argv, ...settings], signs, '', (line) => {
    log.readLine(line);
    onLine(line);
    const { at } = log.end;
    if (at !== undefined) onReplayed(at);
  });
  try {
    await Promise.race([untilReady(server, sandbox, signal), ...(supply ? [untilBroken(supply)] : [])]);
  } catch (error) {
    const gaveUp = server.hasEnded && !signal.aborted;
    await server.kill();
    if (!gaveUp) throw error;
    const failed = failure();
    if (failed) throw failed;
    if (log.endedShort) requireWhole?.();
    throw log.explain({ key, point, hasArchive: restoreCommand !== undefined }, server.lastLines) ?? error;
  }
  await sandbox.exec([`${tool.dir}/pg_ctl`, 'stop', '-D', sandbox.paths.data, '--mode=fast', '--no-wait'], { signal });
  await server.ended;
  return log.end;
}

async function untilBroken(supply: Promise<void>): Promise<never> {
  await supply;
  return new Promise(() => undefined); // everything is there: the server decides
}
