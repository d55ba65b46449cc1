import type { DrillError } from '../../../support/errors.ts';
import { ServerProcess, untilReady } from '../../server/server-process.ts';
import { POSTGRES_SIGNS } from '../server/server-log-patterns.ts';
import { serverArguments } from '../server/settings.ts';
import { RecoveryLog, type ReplayEnd } from './recovery-log.ts';
import type { RecoverySite } from './recovery-site.ts';

export interface RecoverOptions {
  /** The backup's key, for messages. */
  readonly key: string;
  /** Of the recovery target; see `targetArguments`. */
  readonly target: readonly string[];
  /** The same for messages: `the restore point before_release`. */
  readonly point: string;
  /** How the server gets archived segments: a shell command. Undefined: there are none besides those in the backup. */
  readonly restoreCommand: string | undefined;
  /** Rejects when nothing more can be brought to the command, which then waits in vain. */
  readonly supply: Promise<void> | undefined;
  /** Why the command could not give what the archive has. */
  readonly failure: () => DrillError | undefined;
  /** Called when the log ended before the target or the end of the backup. Throws what is missing or damaged in it, and nothing where it is whole. */
  readonly requireWhole?: () => void;
  /** Called with each line of the server's log, and of what the command says there. */
  readonly onLine: (line: string) => void;
  /** Called with the position in the log, once a second. */
  readonly onReplayed: (lsn: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Replays the log with a server that no one connects to, up to the target, and stops it once it has left recovery. Nothing of the restored
 * data runs meanwhile: no session, no worker, no library that the drill does not name.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `target-not-reached`, `image-incomplete`, `version-unsupported`, what ends any
 * server, and the failure of the command.
 */
export async function recover(
  { sandbox, tool, boot }: RecoverySite,
  { key, target, point, restoreCommand, supply, failure, requireWhole, onLine, onReplayed, signal }: RecoverOptions,
): Promise<ReplayEnd> {
  const log = new RecoveryLog();
  const settings = [
    ...serverArguments(sandbox, Number(tool.major), 'load', boot),
    // files of the log may be links to what was fetched, so none is written to again
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
  return new Promise(() => undefined); // all is there: the server decides
}
