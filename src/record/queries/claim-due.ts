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

/** The unary plus keeps SQLite from scanning the index of all runs by start, which it would use for the order, to find these few. */
function readRunning(trx: Trx): Promise<{ id: string; drill: string }[]> {
  return trx
    .selectFrom('run')
    .select(['id', 'drill'])
    .where('status', '=', sql.lit('running'))
    .orderBy(sql`+started_at`)
    .orderBy('id')
    .execute();
}
