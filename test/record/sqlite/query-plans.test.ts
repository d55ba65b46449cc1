import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, type LogEvent, type Transaction } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { interruptAbandoned } from '../../../src/record/queries/abandoned.ts';
import { saveAlert } from '../../../src/record/queries/alerts.ts';
import { readBaseline } from '../../../src/record/queries/baseline.ts';
import { claimDue, findRunning } from '../../../src/record/queries/claim-due.ts';
import {
  countDeliveries,
  endDelivery,
  enqueue,
  findDeliveries,
  takeDeliveries,
} from '../../../src/record/queries/deliveries.ts';
import { readSkips, saveDrillState } from '../../../src/record/queries/drill-states.ts';
import { findPastChecks } from '../../../src/record/queries/past-checks.ts';
import { findProofs } from '../../../src/record/queries/proofs.ts';
import { prune } from '../../../src/record/queries/prune.ts';
import {
  countMatchingRuns,
  findLatestCompleted,
  findLatestRuns,
  findRuns,
} from '../../../src/record/queries/read-runs.ts';
import { findRecoveryProofs } from '../../../src/record/queries/recovery-proofs.ts';
import { readCounts } from '../../../src/record/queries/run-count.ts';
import type { Schema } from '../../../src/record/queries/schema.ts';
import { readMonth } from '../../../src/record/queries/spending.ts';
import { finishRun } from '../../../src/record/queries/write-runs.ts';
import { migrate } from '../../../src/record/sqlite/migrate.ts';
import { NodeSqliteDialect } from '../../../src/record/sqlite/sqlite-dialect.ts';
import { NOON, passedRun, runningRun } from '../../support/run-records.ts';
import { alertOf, deliveryOf, drillState, skipOf } from '../../support/schedule-records.ts';

const PAST_CHECKS = {
  drill: 'orders',
  check: 'rows',
  question: 'q',
  takenUntil: NOON,
  after: { takenAt: NOON, startedAt: NOON, runId: 'a' },
  limit: 8,
};

/** These grow over the years; the others have one or a few rows for each drill. */
const LARGE_TABLES = ['run', 'reason', 'stage', 'check_result', 'log_line', 'definition', 'skip', 'delivery'];

let database: DatabaseSync;
let db: Kysely<Schema>;
let asked: LogEvent['query'][];
beforeEach(() => {
  asked = [];
  database = new DatabaseSync(':memory:');
  migrate(database, ':memory:');
  db = new Kysely<Schema>({
    dialect: new NodeSqliteDialect(database, 0),
    log: ({ query }) => {
      asked.push(query);
    },
  });
});
afterEach(() => db.destroy());

type Work = (trx: Transaction<Schema>) => Promise<unknown>;

test.for<[string, Work]>([
  ['finding what is going on', (trx) => findRunning(trx)],
  ['giving up abandoned runs', (trx) => interruptAbandoned(trx, NOON, () => 'gone')],
  [
    'claiming and ending a run that is due',
    async (trx) => {
      const limits = [{ kind: 'pool', name: 'eu', maxRuns: 9 } as const];
      const limit = { amount: 9, currency: 'USD' };
      const budget = { limit, from: NOON, onExceeded: 'skip', dueAt: NOON } as const;
      const skips = [skipOf({ drill: 'shop' })];
      const due = { state: drillState({ drill: 'shop' }), skips, maxRunning: 9, limits, budget };
      expect(await claimDue(trx, runningRun({ id: 'due', drill: 'shop' }), due)).toStrictEqual({ kind: 'claimed' });
      await finishRun(trx, passedRun({ id: 'due', drill: 'shop' }));
    },
  ],
  ['changing a state', (trx) => saveDrillState(trx, drillState(), [skipOf()])],
  ['how a month stands', (trx) => readMonth(trx, { limit: { amount: 9, currency: 'USD' }, from: NOON }, 'orders')],
  ['counting runs', (trx) => readCounts(trx)],
  ['the latest run of each drill', (trx) => findLatestRuns(trx)],
  ['the latest verdict on a drill', (trx) => findLatestCompleted(trx, 'orders')],
  ['what checks were shown to catch', (trx) => findProofs(trx)],
  ['what the recovery identity has proven', (trx) => findRecoveryProofs(trx)],
  ['counting the runs of a drill', (trx) => countMatchingRuns(trx, { drill: 'orders' }, 1000)],
  ['the newest runs of a drill', (trx) => findRuns(trx, { drill: 'orders', limit: 20 })],
  [
    'a page of history',
    async (trx) => {
      await findRuns(trx, { limit: 20, after: { startedAt: NOON, id: 'a' } });
      await findRuns(trx, { drill: 'orders', limit: 20, after: { startedAt: NOON, id: 'a' } });
    },
  ],
  ['the baseline of a drill', (trx) => readBaseline(trx, 'orders')],
  ['earlier results of a check', (trx) => findPastChecks(trx, PAST_CHECKS)],
  ['what was skipped', (trx) => readSkips(trx, { limit: 20 })],
  ['what a drill skipped', (trx) => readSkips(trx, { drill: 'orders', limit: 20 })],
  [
    'telling, and messages on their way',
    async (trx) => {
      await saveAlert(trx, alertOf(), [deliveryOf()]);
      await enqueue(trx, [deliveryOf({ id: 'd2', key: 'k2' })]);
      await takeDeliveries(trx, NOON, NOON, 10);
      await endDelivery(trx, 'd2', { kind: 'sent', at: NOON });
    },
  ],
  ['messages, newest first', (trx) => findDeliveries(trx, { limit: 20 })],
  ['messages on their way, newest first', (trx) => findDeliveries(trx, { status: 'pending', limit: 20 })],
  ['counting messages on their way', (trx) => countDeliveries(trx, 'pending')],
  ['removing what nobody asks for any more', (trx) => prune(trx, NOON)],
])('%s scans no table that grows over the years', async ([, work]) => {
  await db.transaction().execute((trx) => claimDue(trx, runningRun({ id: 'going' }), due()));
  asked = [];
  await db.transaction().execute(work);
  const plans = asked.flatMap(explain);
  expect(plans.length).toBeGreaterThan(0);
  expect(plans.filter(walksLargeTable)).toStrictEqual([]);
});

test('earlier results are found without reading their measurements', async () => {
  await db.transaction().execute((trx) => findPastChecks(trx, PAST_CHECKS));
  const plans = asked.flatMap(explain).filter((plan) => /^SEARCH check_result/.test(plan));
  expect(plans).toEqual([
    expect.stringMatching(/^SEARCH check_result USING COVERING INDEX check_result_asked \(run_id=\?/),
  ]);
});

test('the cost of a month is summed without reading its runs', async () => {
  const limit = { amount: 9, currency: 'USD' };
  await db.transaction().execute((trx) => readMonth(trx, { limit, from: NOON }, 'orders'));
  expect(asked.flatMap(explain).filter((plan) => /from "run"/.test(plan))).toEqual([
    expect.stringMatching(/^SEARCH run USING COVERING INDEX run_cost_of_drill \(drill=\?\)/),
    expect.stringMatching(/^SEARCH run USING COVERING INDEX run_cost \(cost_currency=\? AND started_at>\?\)/),
  ]);
});

test('the proofs of the recovery identity are found without reading other runs', async () => {
  await db.transaction().execute((trx) => findRecoveryProofs(trx));
  const plans = asked.flatMap(explain).filter((plan) => /^SEARCH run/.test(plan));
  const byIdentity = /^SEARCH run USING INDEX run_as_identity \(identity_name=\? AND drill=\?\)/;
  expect(plans).toEqual(Array(3).fill(expect.stringMatching(byIdentity)));
});

function due() {
  return { state: drillState(), skips: [], maxRunning: 9 };
}

/** See https://sqlite.org/eqp.html. A statement that SQLite cannot explain (`begin`) has no plan. */
function explain({ sql, parameters }: LogEvent['query']): string[] {
  if (!/^(select|insert|update|delete)/.test(sql)) return [];
  const statement = database.prepare(`explain query plan ${sql}`);
  return statement.all(...(parameters as SQLInputValue[])).map((row) => `${row['detail']} | ${sql}`);
}

/**
 * The indexes of running runs and of proofs have few rows; scanning (not searching) any other index reads all its rows, unless a limit ends the scan.
 */
function walksLargeTable(plan: string): boolean {
  const table = /^SCAN (\w+)/.exec(plan)?.[1];
  if (table === undefined || !LARGE_TABLES.includes(table)) return false;
  if (/USING (?:COVERING )?INDEX run_(?:running|proof)\b/.test(plan)) return false;
  return !(/USING (COVERING )?INDEX/.test(plan) && plan.includes(' limit ?'));
}
