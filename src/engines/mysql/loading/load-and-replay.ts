import type { LoadOptions, LoadOutcome } from '../../engine.ts';
import { describeTarget } from '../../event-words.ts';
import type { RunOptions } from '../../format.ts';
import { requireArchive } from '../log/plan-files.ts';
import { planReplay, type ReplayPlan } from '../log/plan-replay.ts';
import { replayLog } from '../log/replay-log.ts';
import type { LogCoordinates } from '../log/start-coordinates.ts';
import { findTakenNumbers } from '../log/taken-numbers.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { countRowsOf } from './count-rows.ts';
import { requireDatabase } from './require-database.ts';

type Options = LoadOptions & Pick<RunOptions, 'recovery'>;

/**
 * Loads a dump, and replays the log that its server has archived since. The log is read and verified completely while the dump is loaded, so a gap ends the run
 * before anything is replayed.
 * @param backup `database`: the one it contains; undefined for several.
 * @param load loads the dump, and stops early when its signal aborts.
 * @throws DrillError what loading, planning and replaying throw; `target-not-reached` without an archive.
 */
export async function loadAndReplay(
  server: MysqlServer,
  backup: { readonly coordinates: LogCoordinates | undefined; readonly database: string | undefined },
  options: Options,
  load: (options: Options) => Promise<LoadOutcome>,
): Promise<LoadOutcome> {
  const { recovery } = options;
  const { coordinates } = backup;
  if (!recovery || !coordinates || recovery.target.kind === 'backup-end') return withEnd(await load(options), options);
  const archive = requireArchive(recovery);
  const { target, storedAt } = recovery;
  const product = server.flavor.type;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const loading = load({ ...options, signal });
  loading.catch((error: unknown) => failed.abort(error));
  const planning = planReplay({
    product,
    archive,
    coordinates,
    target,
    storedAt,
    database: options.database ?? backup.database,
    countRows: async (table) => {
      await loading;
      return countRowsOf(server, table, signal);
    },
    signal,
  });
  planning.catch((error: unknown) => failed.abort(error)); // the load need not go on
  const [outcome, plan] = await bothOf(loading, planning);
  if (outcome.errorCount > 0) return outcome; // what follows would only fail on what is missing
  server.statedStarts.requireOne();
  const scope = {
    isWholeServer: server.hasSystemTables,
    databases: new Set(server.loaded),
    ignoresCase: server.ignoresCase,
  };
  server.listed = []; // the log may drop tables
  const { replayed, warnings } = await replayLog({ server, archive, plan, target, scope, ...options });
  await requireDatabase(server, { database: outcome.database, recoveredTo: replayed.summary }, signal);
  const taken = await findTakenNumbers(server, signal);
  return { ...outcome, warnings: [...outcome.warnings, ...warnings, ...taken], replayed };
}

/** Waits for both. @throws what failed first. */
async function bothOf(
  loading: Promise<LoadOutcome>,
  planning: Promise<ReplayPlan>,
): Promise<readonly [LoadOutcome, ReplayPlan]> {
  try {
    return await Promise.all([loading, planning]);
  } catch (error) {
    await Promise.allSettled([loading, planning]);
    throw error;
  }
}

/** A log exists, but a recovery that did not read it does not know where it ends. */
function withEnd(outcome: LoadOutcome, { recovery }: Options): LoadOutcome {
  if (!recovery?.log) return outcome;
  return { ...outcome, replayed: { summary: describeTarget(recovery.target), recoverableUntil: 'unknown' } };
}
