import { DrillError } from '../../../support/errors.ts';
import { describeTarget } from '../../event-words.ts';
import type { RunOptions } from '../../format.ts';
import { countRowsOf } from '../loading/count-rows.ts';
import { requireArchive } from '../log/plan-files.ts';
import { planReplay } from '../log/plan-replay.ts';
import { type ReplayOutcome, replayLog } from '../log/replay-log.ts';
import { coordinatesOf, type LogHead } from '../log/start-coordinates.ts';
import { findTakenNumbers } from '../log/taken-numbers.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import type { LogStart } from './log-start.ts';

/**
 * Replays the whole log of the server onto a server that was started on its files.
 * @param start log position that the backup states.
 * @returns undefined if the drill names no log.
 * @throws DrillError `log-start-unknown`, what planning and replaying throw; `target-not-reached` without an archive.
 */
export async function replayRecovered(
  server: MysqlServer,
  {
    key,
    start,
    ownLog,
  }: { readonly key: string; readonly start: LogStart | undefined; readonly ownLog?: LogHead | undefined },
  { recovery, ...options }: RunOptions,
): Promise<ReplayOutcome | undefined> {
  if (!recovery) return undefined;
  const { target, log, storedAt } = recovery;
  if (target.kind === 'backup-end')
    return log && { replayed: { summary: describeTarget(target), recoverableUntil: 'unknown' }, warnings: [] };
  const archive = requireArchive(recovery);
  const known = coordinatesOf(start, start?.position ? 'the backup’s position in the log' : 'the GTIDs in its files');
  if (!known) {
    throw new DrillError('log-start-unknown', `${key} does not say where in the server’s log it was taken`, {
      hint: 'Back up a server with `log_bin` on. Without it there is no log to replay.',
    });
  }
  const coordinates = ownLog ? { ...known, ownLog } : known;
  const { signal, database, ignoreErrors, onProgress } = options;
  onProgress({ bytesRead: 0, doing: 'reading the log', ratio: undefined, phase: 'replay' });
  const plan = await planReplay({
    product: server.flavor.type,
    archive,
    coordinates,
    target,
    storedAt,
    database,
    countRows: (table) => countRowsOf(server, table, signal),
    signal,
  });
  const { ignoresCase } = server;
  const scope = { isWholeServer: true, databases: new Set<string>(), ignoresCase, holdsPrepared: true };
  return withoutFlushing(server, signal, async () => {
    const outcome = await replayLog({ server, archive, plan, target, scope, ignoreErrors, onProgress, signal });
    return { ...outcome, warnings: [...outcome.warnings, ...(await findTakenNumbers(server, signal))] };
  });
}

/** Whether a log is replayed onto the backup, so that the backup's position in it matters. */
export function replaysMore({ recovery }: Pick<RunOptions, 'recovery'>): boolean {
  return recovery !== undefined && recovery.target.kind !== 'backup-end';
}

/** The server is durable already, and a replay that is interrupted is repeated from the beginning. */
async function withoutFlushing<Result>(
  server: MysqlServer,
  signal: AbortSignal,
  replay: () => Promise<Result>,
): Promise<Result> {
  const set = (...statements: readonly string[]): Promise<void> =>
    server.administer(signal, async (session) => {
      for (const statement of statements) await session.execute(statement);
    });
  await set('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
  const result = await replay();
  await set('SET GLOBAL innodb_flush_log_at_trx_commit = 1', 'FLUSH ENGINE LOGS');
  return result;
}
