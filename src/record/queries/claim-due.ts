import { sql, type Transaction } from 'kysely';
import { isOnHost } from '../../support/owner.ts';
import type { RunRecord } from '../run-record.ts';
import type { ClaimOutcome, DueClaim } from '../schedule-store.ts';
import { readVersion, saveDrillState } from './drill-states.ts';
import type { JobTable } from './job-table.ts';
import { readRuns } from './read-runs.ts';
import type { Schema } from './schema.ts';
import { claimRun, refused } from './write-runs.ts';

type Trx = Transaction<Schema>;

/**
 * One transaction that holds the write lock from its first read, so that of several processes that find a drill due, only one claims it. A run
 * whose lease has expired still counts as in progress until it is marked `interrupted`.
 */
export async function claimDue(
  trx: Trx,
  run: RunRecord,
  due: DueClaim,
  queue?: Pick<JobTable, 'remove'>,
): Promise<ClaimOutcome> {
  if (due.state.drill !== run.drill) throw refused(`run ${run.id} of ${run.drill} is claimed for ${due.state.drill}`);
  if ((await readVersion(trx, run.drill)) !== due.state.version) return { kind: 'taken' };
  const outcome = findObstacle(await readRunning(trx), run.drill, due);
  if (outcome) return outcome;
  if (due.job && !(await queue?.remove(trx, due.job))) return { kind: 'taken' };
  await claimRun(trx, run);
  await saveDrillState(trx, due.state, due.skips);
  return { kind: 'claimed' };
}

/** @param running oldest first. */
export function findObstacle(
  running: readonly Pick<RunRecord, 'id' | 'drill' | 'leaseOwner'>[],
  drill: string,
  { maxRunning, host }: Pick<DueClaim, 'maxRunning' | 'host'>,
): ClaimOutcome | undefined {
  const same = running.find((other) => other.drill === drill);
  if (same) return { kind: 'overlap', runId: same.id };
  const counted = host === undefined ? running : running.filter(({ leaseOwner }) => isOnHost(leaseOwner, host));
  return counted.length >= maxRunning ? { kind: 'full', running: counted.length } : undefined;
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
export async function readRunning(trx: Trx): Promise<readonly Pick<RunRecord, 'id' | 'drill' | 'leaseOwner'>[]> {
  const rows = await trx
    .selectFrom('run')
    .select(['id', 'drill', 'started_at', 'lease_owner'])
    .where('status', '=', sql.lit('running'))
    .execute();
  return rows
    .toSorted((a, b) => compare(a.started_at, b.started_at) || compare(a.id, b.id))
    .map((row) => ({ id: row.id, drill: row.drill, leaseOwner: row.lease_owner }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
