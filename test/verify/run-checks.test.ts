import { expect, test } from 'vitest';
import { CheckTimeout } from '../../src/engines/check-timeout.ts';
import type { QueryResult } from '../../src/engines/query-result.ts';
import type { CheckRecord } from '../../src/record/check-record.ts';
import { DrillError } from '../../src/support/errors.ts';
import { untilAborted } from '../../src/support/until-aborted.ts';
import type { Expectation } from '../../src/verify/expectations/registry.ts';
import type { CheckSpec } from '../../src/verify/registry.ts';
import { runChecks } from '../../src/verify/run-checks.ts';
import type { SessionPool } from '../../src/verify/session-pool.ts';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';
import { fakeNeighbours } from './fake-hasher.ts';
import { FROM_DUMP, fakeCatalog, fakePool, fakeSnapshots, resultOf, tableOf } from './fake-pool.ts';

const place = { file: 'drills/orders.yaml', checkLines: [3, 6, 9, 12, 15] };
const takenAt = new Date('2026-11-21T03:00:00Z');

/** Answers queries by their text; each takes 250 ms on its clock. */
function answering(answers: Record<string, QueryResult | Error>) {
  const asked: { sql: string; timeoutMs: number; maxRows: number }[] = [];
  let nowMs = 0;
  const pool: SessionPool = {
    ...fakePool(async () => resultOf()),
    async query(sql, { timeoutMs, maxRows }) {
      asked.push({ sql, timeoutMs, maxRows });
      nowMs += 250;
      const answer = answers[sql];
      if (answer instanceof Error) throw answer;
      if (!answer) throw new Error(`unasked for: ${sql}`);
      return answer;
    },
  };
  return { pool, asked, clock: { now: () => takenAt, monotonicMs: () => nowMs } };
}

/** Options that do not matter to most tests. */
const rest = {
  place,
  takenAt,
  restore: FROM_DUMP,
  neighbours: fakeNeighbours(),
  rpoMs: undefined,
  signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
  findPast: async () => [],
  snapshots: fakeSnapshots(),
};

function check(name: string, expect: Expectation): CheckSpec<'sql'> {
  return { kind: 'sql', name, sql: name, database: undefined, expect, timeoutMs: 5000 };
}

const one: QueryResult = { columns: ['n'], rows: [[1]], truncated: false };

test('every check runs in order, is timed and reported, even after a failure', async () => {
  const { pool, asked, clock } = answering({ a: one, b: one });
  const told: CheckRecord[] = [];
  const checks = [check('a', { kind: 'min', value: 2 }), check('b', { kind: 'equals', value: 1 })];
  const options = { ...rest, clock, onCheck: (record: CheckRecord) => told.push(record) };
  const records = await runChecks(pool, checks, options);
  expect(records).toStrictEqual([
    { name: 'a', passed: false, expected: 'at least 2', actual: '1', durationMs: 250 },
    { name: 'b', passed: true, expected: '1', actual: '1', durationMs: 250 },
  ]);
  expect(told).toStrictEqual(records);
  expect(asked.map(({ maxRows, timeoutMs }) => [maxRows, timeoutMs])).toStrictEqual([
    [2, 5000],
    [2, 5000],
  ]);
});

test('a query that hits damaged data fails its check, and the next one still runs', async () => {
  const damaged = new DrillError('wrong-data', 'invalid page in block 7\u001b[2J');
  const { pool, clock } = answering({ a: damaged, b: one });
  const checks = [check('a', { kind: 'notEmpty' }), check('b', { kind: 'notEmpty' })];
  const records = await runChecks(pool, checks, { ...rest, clock });
  expect(records.map(({ passed, actual }) => [passed, actual])).toStrictEqual([
    [false, 'invalid page in block 7\\u001b[2J'],
    [true, '1 row'],
  ]);
});

test('a malformed check is reported by name after the others have run', async () => {
  const malformed = new DrillError('check-malformed', 'syntax error at or near "form"', { hint: 'Correct the SQL.' });
  const { pool, asked, clock } = answering({ a: malformed, b: one });
  const checks = [check('a', { kind: 'notEmpty' }), check('b', { kind: 'notEmpty' })];
  await expect(runChecks(pool, checks, { ...rest, clock })).rejects.toMatchObject({
    code: 'check-malformed',
    stage: 'verify',
    message: 'check \'a\' (drills/orders.yaml:3): syntax error at or near "form"',
    hint: 'Correct the SQL.',
    cause: malformed,
  });
  expect(asked).toHaveLength(2);
});

test('a check that times out is reported with its file and line, and a command that keeps the restored copy', async () => {
  const { pool, clock } = answering({ a: new CheckTimeout(300_000) });
  const checks = [check('a', { kind: 'notEmpty' })];
  await expect(runChecks(pool, checks, { ...rest, clock })).rejects.toMatchObject({
    message: "check 'a' (drills/orders.yaml:3): the check did not finish within 5 min",
    hint: expect.stringContaining('`firedrill run drills/orders.yaml --keep 30m`'),
  });
});

test('all malformed checks are reported together, and the results of the others are kept', async () => {
  const malformed = (message: string, hint: string) => new DrillError('check-malformed', message, { hint });
  const { pool, clock } = answering({
    a: malformed('syntax error', 'Correct the SQL.'),
    b: one,
    c: malformed('the check tries to write', 'Make it a SELECT.'),
    d: malformed('syntax error', 'Correct the SQL.'),
    e: malformed('two statements', 'Correct the SQL.'),
  });
  const told: CheckRecord[] = [];
  const options = { ...rest, clock, onCheck: (one: CheckRecord) => told.push(one) };
  const checks = ['a', 'b', 'c', 'd', 'e'].map((name) => check(name, { kind: 'notEmpty' }));
  await expect(runChecks(pool, checks, options)).rejects.toMatchObject({
    code: 'check-malformed',
    message:
      "4 of 5 checks are malformed: check 'a' (drills/orders.yaml:3): syntax error; check 'c' (drills/orders.yaml:9): the check tries to write; check 'd' (drills/orders.yaml:12): syntax error (and 1 more)",
    details: ["check 'e' (drills/orders.yaml:15): two statements"],
    hint: 'Correct the SQL. Make it a SELECT.',
  });
  expect(told.map(({ name }) => name)).toEqual(['b']);
});

test('the error of a server that went away is passed on unchanged', async () => {
  const gone = new DrillError('server-failed', 'the connection was closed');
  const { pool, clock } = answering({ a: gone });
  const run = runChecks(pool, [check('a', { kind: 'empty' })], { ...rest, clock });
  await expect(run).rejects.toBe(gone);
});

test('the reason of an abort takes precedence over its consequences', async () => {
  const reason = new DrillError('interrupted', 'given up');
  const controller = new AbortController();
  const { clock } = answering({});
  const pool = fakePool(async () => {
    controller.abort(reason);
    throw new DrillError('wrong-data', 'canceling statement');
  });
  const run = runChecks(pool, [check('a', { kind: 'empty' })], { ...rest, clock, signal: controller.signal });
  await expect(run).rejects.toBe(reason);
});

test('a check runs in the database that it names', async () => {
  const { clock } = answering({});
  const wanted: CheckSpec = { ...check('a', { kind: 'notEmpty' }), database: 'other' };
  const asked: (string | undefined)[] = [];
  const pool = fakePool(async (_sql, { database }) => {
    asked.push(database);
    return one;
  });
  await runChecks(pool, [wanted], { ...rest, clock });
  expect(asked).toStrictEqual(['other']);
});

test('no more rows are fetched than needed', async () => {
  const { pool, asked, clock } = answering({ a: one, b: one });
  const checks = [check('a', { kind: 'rows', rows: [[1], [2]] }), check('b', { kind: 'empty' })];
  await runChecks(pool, checks, { ...rest, clock });
  expect(asked.map(({ maxRows }) => maxRows)).toStrictEqual([3, 100]);
});

test('checks run in parallel, and are reported in the order of the drill', async () => {
  const { clock } = answering({});
  const first = Promise.withResolvers<QueryResult>();
  const begun: string[] = [];
  const pool = fakePool(
    (sql) => {
      begun.push(sql);
      if (sql === 'a') return first.promise;
      if (sql === 'c') first.resolve(one);
      return Promise.resolve(one);
    },
    { size: 2 },
  );
  const told: string[] = [];
  const checks = ['a', 'b', 'c'].map((name) => check(name, { kind: 'notEmpty' }));
  const onCheck = ({ name }: CheckRecord) => told.push(name);
  const records = await runChecks(pool, checks, { ...rest, clock, onCheck });
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(told).toEqual(['a', 'b', 'c']);
  expect(records.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

test('a server that goes away ends the other checks in progress, and finished results are kept', async () => {
  const { clock } = answering({});
  const gone = new DrillError('server-failed', 'the connection was closed');
  const { promise: never } = Promise.withResolvers<QueryResult>();
  const told: string[] = [];
  const pool: SessionPool = {
    ...fakePool(async () => one, { size: 2 }),
    query: (sql, { signal }) => {
      if (sql === 'a') return untilAborted(never, signal);
      return sql === 'b' ? Promise.resolve(one) : Promise.reject(gone);
    },
  };
  const checks = ['a', 'b', 'c', 'd'].map((name) => check(name, { kind: 'notEmpty' }));
  const onCheck = ({ name }: CheckRecord) => told.push(name);
  await expect(runChecks(pool, checks, { ...rest, clock, onCheck })).rejects.toBe(gone);
  expect(told).toEqual(['b']);
});

test('a reason to doubt a result is reported once, with the check’s name', async () => {
  const { clock } = answering({});
  const pool = fakePool(async () => ({
    ...one,
    warnings: ['may use public.count(integer)', 'may use public.count(integer)'],
  }));
  const warnings: string[] = [];
  const onWarning = (warning: string) => warnings.push(warning);
  await runChecks(pool, [check('a', { kind: 'notEmpty' })], { ...rest, clock, onWarning });
  expect(warnings).toEqual(["check 'a' may use public.count(integer)"]);
});

test('a check whose counts are too many to record is malformed, never green', async () => {
  const catalog = fakeCatalog({
    tables: Array.from({ length: 40_000 }, (_, index) => tableOf('t'.repeat(56) + index)),
  });
  const pool = fakePool(async () => resultOf(['7']), { catalog });
  const tables = [{ table: '*', minRows: 1 }];
  const base = { name: 'a', expectedEmpty: [], maxDrop: 0.1, database: undefined, timeoutMs: 60_000 };
  const checks: readonly CheckSpec[] = [{ kind: 'tables', tables, ...base }];
  await expect(runChecks(pool, checks, { ...rest, clock: answering({}).clock })).rejects.toMatchObject({
    code: 'check-malformed',
    message: expect.stringContaining('can be kept'),
  });
});
