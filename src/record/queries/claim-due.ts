import { sql, type Transaction } from 'kysely';
import { isOnHost } from '../../support/owner.ts';
import { describeBudget, exceeds, toBudgetSkip } from '../month-budget.ts';
import { type CountedRun, findReachedLimit, type ReachedLimit, type RunLimit } from '../run-limits.ts';
import type { RunRecord } from '../run-record.ts';
import type { ClaimOutcome, DueClaim, Spending } from '../schedule-store.ts';
import { readVersion, saveDrillState } from './drill-states.ts';
import type { JobTable } from './job-table.ts';
import { readRuns } from './read-runs.ts';
import { readTexts } from './run-rows.ts';
import type { Schema } from './schema.ts';
import { expectedCost, readSpending } from './spending.ts';
import { claimRun, refused } from './write-runs.ts';

type Trx = Transaction<Schema>;

/** A run in progress, with the fields that affect other claims. */
export type Running = Pick<RunRecord, 'id' | 'drill' | 'leaseOwner' | 'readsFrom'>;

/**
 * One transaction that holds the write lock from its first read, so that only one of several processes that find a drill due claims it. A run whose lease has
 * expired still counts as in progress until it is marked `interrupted`.
 */
export async function claimDue(
  trx: Trx,
  run: RunRecord,
  due: DueClaim,
  queue?: Pick<JobTable, 'remove'>,
): Promise<ClaimOutcome> {
  if (due.state.drill !== run.drill) throw refused(`run ${run.id} of ${run.drill} is claimed for ${due.state.drill}`);
  if ((await readVersion(trx, run.drill)) !== due.state.version) return { kind: 'taken' };
  const running = await readRunning(trx);
  const outcome = findObstacle(running, run.drill, due) ?? findLimit(await withPools(trx, running, due), due);
  if (outcome) return outcome;
  const cost = await expectedCost(trx, run.drill);
  const spending = due.budget && (await readSpending(trx, due.budget, cost));
  const over = spending && findOverBudget(run, due, spending);
  if (over && !over.outcome.isSkipped) return over.outcome;
  if (due.job && !(await queue?.remove(trx, due.job))) return { kind: 'taken' };
  if (over) {
    await saveDrillState(trx, over.state, over.skips);
    return over.outcome;
  }
  await claimRun(trx, run, cost);
  await saveDrillState(trx, due.state, due.skips);
  return { kind: 'claimed' };
}

/** Claims a run that no schedule asked for: only limits apply. @returns the limit that is reached. */
export async function claimByHand(
  trx: Trx,
  run: RunRecord,
  limits: readonly RunLimit[],
): Promise<ReachedLimit | undefined> {
  if (limits.length > 0) {
    const reached = findReachedLimit(limits, await withPools(trx, await readRunning(trx), { limits }));
    if (reached) return reached;
  }
  await claimRun(trx, run, await expectedCost(trx, run.drill));
  return undefined;
}

/** @param running oldest first. */
export function findObstacle(
  running: readonly Running[],
  drill: string,
  { maxRunning, host }: Pick<DueClaim, 'maxRunning' | 'host'>,
): ClaimOutcome | undefined {
  const same = running.find((other) => other.drill === drill);
  if (same) return { kind: 'overlap', runId: same.id };
  const counted = host === undefined ? running : running.filter(({ leaseOwner }) => isOnHost(leaseOwner, host));
  return counted.length >= maxRunning ? { kind: 'full', running: counted.length } : undefined;
}

export function findLimit(
  running: readonly CountedRun[],
  { limits = [] }: Pick<DueClaim, 'limits'>,
): ClaimOutcome | undefined {
  const limit = findReachedLimit(limits, running);
  return limit && { kind: 'limited', limit };
}

/** @returns what is stored instead of a run that would exceed its budget; undefined: within budget. */
export function findOverBudget(run: RunRecord, { budget, state, skips }: DueClaim, spending: Spending) {
  if (!budget || !exceeds(budget, spending)) return undefined;
  const why = describeBudget(budget, spending);
  return {
    outcome: { kind: 'over-budget', isSkipped: budget.onExceeded === 'skip', why } as const,
    state: { ...state, waitsFor: `for the ${why}` },
    skips: [...skips, toBudgetSkip(run.drill, budget, why, run.startedAt)],
  };
}

/** A run belongs to the pool of the runner that holds its lease. */
async function withPools(
  trx: Trx,
  running: readonly Running[],
  { limits = [] }: Pick<DueClaim, 'limits'>,
): Promise<readonly CountedRun[]> {
  if (running.length === 0 || limits.every(({ kind }) => kind !== 'pool')) return running;
  const owners = [...new Set(running.map(({ leaseOwner }) => leaseOwner))];
  const rows = await trx.selectFrom('runner').select(['owner', 'pool']).where('owner', 'in', owners).execute();
  const pools = new Map(rows.map(({ owner, pool }) => [owner, pool]));
  return running.map((run) => ({ ...run, pool: pools.get(run.leaseOwner) }));
}

/** Complete records, oldest first. */
export async function findRunning(trx: Trx): Promise<readonly RunRecord[]> {
  const rows = await readRunning(trx);
  return readRuns(
    trx,
    rows.map((row) => row.id),
  );
}

/** A single query on one small index. */
export async function findReading(trx: Trx): Promise<readonly CountedRun[]> {
  const rows = await readRunning(trx);
  return rows.map(({ readsFrom }) => (readsFrom === undefined ? {} : { readsFrom }));
}

/** Sorted here, because with `order by` SQLite would scan the index of all runs by start to find these few. */
export async function readRunning(trx: Trx): Promise<readonly Running[]> {
  const rows = await trx
    .selectFrom('run')
    .select(['id', 'drill', 'started_at', 'lease_owner', 'reads_from'])
    .where('status', '=', sql.lit('running'))
    .execute();
  return rows
    .toSorted((a, b) => compare(a.started_at, b.started_at) || compare(a.id, b.id))
    .map((row) => ({
      id: row.id,
      drill: row.drill,
      leaseOwner: row.lease_owner,
      ...(row.reads_from !== null && { readsFrom: readTexts(row.reads_from) }),
    }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
