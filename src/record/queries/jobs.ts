import type { Transaction } from 'kysely';
import { DrillError } from '../../support/errors.ts';
import type { NewJob, QueueOutcome, QueueStore, RunnerRecord } from '../queue-store.ts';
import type { DrillState, JobPlace, SkipRecord } from '../schedule-store.ts';
import { findObstacle, readRunning } from './claim-due.ts';
import { HEARD_AT, heartbeatColumns, readHeartbeat, type StoreClock } from './daemons.ts';
import { readVersion, saveDrillState } from './drill-states.ts';
import type { InTransaction, JobTable } from './job-table.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** How many runners are kept to show when they were last seen, so that one in a restart loop does not fill the table. */
const KEPT_RUNNERS = 100;
/** Those seen within this time are kept regardless of their number: a pool without a runner counts as unserved. */
const RECENT_MS = 10 * 60_000;
const READ_RUNNERS = 1000;

export function queueMethods(
  queue: JobTable | undefined,
  clock: StoreClock,
  write: InTransaction,
  read: InTransaction,
): QueueStore {
  const table = () => {
    if (queue) return queue;
    throw new DrillError('store-failed', 'this store has no queue: pools need PostgreSQL', {
      hint: 'Set `store: postgres://…` in the settings, or remove `pool` from the drill.',
    });
  };
  return {
    isShared: queue !== undefined,
    async queueRun(job, state, skips, replaces) {
      const queued = table();
      await queued.prepare(job.pool);
      return write((trx) => queueRun(trx, queued, { job, state, skips, replaces }));
    },
    findJobs: async (pool) => table().find(pool),
    removeJob: async (job) => {
      const queued = table();
      return write((trx) => queued.remove(trx, job));
    },
    beatRunner: (runner) => write((trx) => beatRunner(trx, runner, clock)),
    getRunners: () => read((trx) => readRunners(trx, clock)),
  };
}

interface Queueing {
  readonly job: NewJob;
  readonly state: DrillState;
  readonly skips: readonly SkipRecord[];
  readonly replaces: JobPlace | undefined;
}

async function queueRun(trx: Trx, jobs: JobTable, { job, state, skips, replaces }: Queueing): Promise<QueueOutcome> {
  if ((await readVersion(trx, job.drill)) !== state.version) return { kind: 'taken' };
  const obstacle = findObstacle(await readRunning(trx), job.drill, { maxRunning: Number.POSITIVE_INFINITY });
  if (obstacle?.kind === 'overlap') return obstacle;
  if (replaces && !(await jobs.remove(trx, replaces))) return { kind: 'taken' };
  if (!(await jobs.add(trx, job))) return { kind: 'waiting' };
  await saveDrillState(trx, state, skips);
  return { kind: 'queued' };
}

async function beatRunner(trx: Trx, runner: RunnerRecord, clock: StoreClock): Promise<void> {
  const columns = { pool: runner.pool, ...heartbeatColumns(runner, clock) };
  await trx
    .insertInto('runner')
    .values({ owner: runner.owner, ...columns })
    .onConflict((conflict) => conflict.column('owner').doUpdateSet(columns))
    .execute();
  const newest = trx
    .selectFrom('runner')
    .select('owner')
    .orderBy(HEARD_AT, 'desc')
    .orderBy('beat_at', 'desc')
    .orderBy('owner')
    .limit(KEPT_RUNNERS);
  const now = await clock.readNow(trx, runner.beatAt);
  const recent = new Date(now.getTime() - RECENT_MS).toISOString();
  await trx.deleteFrom('runner').where(HEARD_AT, '<', recent).where('owner', 'not in', newest).execute();
}

async function readRunners(trx: Trx, { ageMs }: StoreClock): Promise<readonly RunnerRecord[]> {
  const rows = await trx
    .selectFrom('runner')
    .selectAll()
    .select(ageMs.as('age_ms'))
    .orderBy(HEARD_AT, 'desc')
    .orderBy('beat_at', 'desc')
    .orderBy('owner')
    .limit(READ_RUNNERS)
    .execute();
  return rows.map((row) => ({ ...readHeartbeat(row), pool: row.pool }));
}
