import { sql, type Transaction } from 'kysely';
import type { RunRecord } from '../run-record.ts';
import type { ClaimOutcome, DueClaim } from '../schedule-store.ts';
import { readVersion, saveDrillState } from './drill-states.ts';
import { readRuns } from './read-runs.ts';
import type { Schema } from './schema.ts';
import { claimRun, refused } from './write-runs.ts';

type Trx = Transaction<Schema>;

/**
 * One transaction that holds the write lock from its first read, so that of several processes that find a drill due, only one claims it. A run
 * whose lease has expired still counts as in progress until it is marked `interrupted`.
 */
export async function claimDue(trx: Trx, run: RunRecord, due: DueClaim): Promise<ClaimOutcome> {
  if (due.state.drill !== run.drill) throw refused(`run ${run.id} of ${run.drill} is claimed for ${due.state.drill}`);
  if ((await readVersion(trx, run.drill)) !== due.state.version) return { kind: 'taken' };
  const running = await readRunning(trx);
  const outcome = findObstacle(running, run.drill, due.maxRunning);
  if (outcome) return outcome;
  await claimRun(trx, run);
  await saveDrillState(trx, due.state, due.skips);
  return { kind: 'claimed' };
}

/** @param running oldest first. */
export function findObstacle(
  running: readonly Pick<RunRecord, 'id' | 'drill'>[],
  drill: string,
  maxRunning: number,
): ClaimOutcome | undefined {
  const same = running.find((other) => other.drill === drill);
  if (same) return { kind: 'overlap', runId: same.id };
  return running.length >= maxRunning ? { kind: 'full', running: running.length } : undefined;
}

/** Complete records, oldest first. */
export async function findRunning(trx: Trx): Promise<readonly RunRecord[]> {
  const rows = await readRunning(trx);
  return readRuns(
    trx,
    rows.map((row) => row.id),
  );
}

/** Sorted here: asked for an order, SQLite would scan the index of all runs by start to find these few. */
async function readRunning(trx: Trx): Promise<readonly { id: string; drill: string }[]> {
  const rows = await trx
    .selectFrom('run')
    .select(['id', 'drill', 'started_at'])
    .where('status', '=', sql.lit('running'))
    .execute();
  return rows.toSorted((a, b) => compare(a.started_at, b.started_at) || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
