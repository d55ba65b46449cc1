import { expect, test } from 'vitest';
import { checkSchema } from '../../src/config/check-schema.ts';
import type { PastCheck } from '../../src/record/check-record.ts';
import { openCheckHistory } from '../../src/verify/check-history.ts';
import { CHECK_KINDS, type CheckSpec } from '../../src/verify/registry.ts';
import { runChecks } from '../../src/verify/run-checks.ts';
import { findPastChecks } from '../support/memory-past-checks.ts';
import { NOON, passedRun } from '../support/run-records.ts';
import { fakeNeighbours } from './fake-hasher.ts';
import { FROM_DUMP, fakeCatalog, fakePool, fakeSnapshots, resultOf, tableOf } from './fake-pool.ts';

const MINUTE_MS = 60_000;

test.each([
  [
    'rows',
    { rows: '10%', exclude: ['a', 'b'] },
    [{ rows: '20%' }, { since: '3d' }, { exclude: ['b', 'a'] }],
    [{ exclude: ['a'] }, { include: ['c'] }],
  ],
  [
    'tables',
    { tables: ['a', 'b'], maxDrop: '10%' },
    [{ maxDrop: '5%' }, { minRows: 7 }, { tables: ['b', { table: 'a', minRows: 9 }] }],
    [{ tables: ['a'] }],
  ],
  [
    'headroom',
    { headroom: ['a'] },
    [{ maxUsed: '10%' }, { horizon: '9d' }],
    [{ headroom: 'all' }, { except: ['a.id'] }],
  ],
  [
    'latency',
    { latency: 'select 1', p50: '1s' },
    [{ p50: '2s' }, { p95: '3s' }, { runs: 9 }, { maxIncrease: '50%' }],
    [{ latency: 'select 2' }],
  ],
  ['schema', { schema: 'locked' }, [{ schema: 'shown' }], [{ exclude: ['tmp_*'] }]],
  [
    'compare',
    { compare: 'select 1' },
    [{ change: 'growth' }, { compare: ' select 1\n' }],
    [{ compare: 'select 2' }, { key: ['id'] }, { showKeys: true }],
  ],
] as const)(
  'changing the limits of %s does not change its question; changing what it reads does',
  (_kind, file, same, other) => {
    const asked = (more: Record<string, unknown>) => questionOf({ ...file, ...more });
    expect(asked({})).toBeDefined();
    for (const more of [{ name: 'renamed' }, { timeout: '3m' }, ...same]) expect(asked(more)).toEqual(asked({}));
    for (const more of [{ database: 'elsewhere' }, ...other]) expect(asked(more)).not.toEqual(asked({}));
  },
);

test('a check keeps its history when it is renamed or its limits change', async () => {
  const { run, warnings } = drill();
  expect(await run({ rows: '10%' }, 1000)).toMatchObject({ actual: expect.stringContaining('learned') });
  expect(await run({ rows: '10%', name: 'renamed' }, 500)).toMatchObject({ passed: false });
  expect(await run({ rows: '60%', name: 'renamed' }, 500)).toMatchObject({
    passed: true,
    actual: '500 rows in 1 table',
  });
  expect(warnings).toEqual([]);
});

test('a check that asks something else starts a new history, and warns once', async () => {
  const { run, warnings } = drill();
  await run({ rows: '10%' }, 1000);
  const learned = { passed: true, actual: 'learned 500 rows in 1 table: there is no good run to compare with' };
  expect(await run({ rows: '10%', exclude: ['gone'] }, 500)).toMatchObject(learned);
  const why = "check 'it' has changed since run run-1 and is not compared with earlier runs";
  expect(warnings).toEqual([why]);
  expect(await run({ rows: '10%', exclude: ['gone'] }, 100)).toMatchObject({ passed: false });
  expect(await run({ rows: '10%' }, 100)).toMatchObject({ passed: false });
  expect(warnings).toEqual([why]);
});

test.each([
  [false, false],
  [true, true],
])('after an accepted purge (recurring: %s), another of the same size passes: %s', async (recurring, passed) => {
  const { run, accept } = drill();
  await run({ rows: '-10%..' }, 1000);
  expect(await run({ rows: '-10%..' }, 400)).toMatchObject({ passed: false });
  accept(recurring);
  for (const rows of [450, 700, 1000]) expect(await run({ rows: '-10%..' }, rows)).toMatchObject({ passed: true });
  expect(await run({ rows: '-10%..' }, 390)).toMatchObject({ passed });
  expect(await run({ rows: '-10%..' }, 200)).toMatchObject({ passed: false });
});

test('a check of another kind under the same name starts a new history', async () => {
  const { run, warnings } = drill();
  await run({ rows: '10%' }, 1000);
  expect(await run({ compare: 'select 1' }, 5)).toMatchObject({ actual: expect.stringContaining('learned') });
  expect(warnings).toHaveLength(1);
});

test('a long history is read in pages, only as far as needed, with one result per run', async () => {
  const limits: number[] = [];
  const all = Array.from({ length: 40 }, (_, index) => pastCheck(`run-${Math.floor(index / 2)}`, index));
  const { all: read, previous } = openCheckHistory(
    { check: 'it', question: 'q' },
    {
      findPast: async ({ after, limit }) => {
        limits.push(limit);
        const start = after ? all.findLastIndex(({ runId }) => runId === after.runId) + 1 : 0;
        return all.slice(start, start + limit);
      },
      onWarning: () => undefined,
    },
  );
  const seen: string[] = [];
  for await (const { runId } of read()) if (seen.push(runId) === 4) break;
  expect(seen).toEqual(['run-0', 'run-1', 'run-2', 'run-3']);
  expect(limits).toEqual([1, 8]);
  expect((await previous(100)).map(({ runId }) => runId)).toEqual(
    Array.from({ length: 20 }, (_, index) => `run-${index}`),
  );
  expect(await previous(0)).toEqual([]);
});

function questionOf(file: Record<string, unknown>): unknown {
  const check = resolve(file);
  return [check.kind, CHECK_KINDS[check.kind].questionOf?.(check as never)];
}

function resolve(file: Record<string, unknown>): CheckSpec {
  const report = (path: readonly string[], message: string) => {
    throw new Error(`${path.join('.')} ${message}`);
  };
  const check = checkSchema.parse({ name: 'it', ...file }).resolve({ textOf: () => undefined, report });
  if (!check) throw new Error('no check');
  return check;
}

/** Runs of one drill with a single check, a minute apart; a run passes when its check does. */
function drill() {
  const runs: ReturnType<typeof passedRun>[] = [];
  const warnings: string[] = [];
  const run = async (file: Record<string, unknown>, rows: number) => {
    const takenAt = new Date(NOON.getTime() + runs.length * MINUTE_MS);
    const catalog = fakeCatalog({ tables: [tableOf('orders')] });
    const answer = async (sql: string) => (sql.includes('COUNT(*)') ? resultOf([0, rows]) : resultOf([rows]));
    const [record] = await runChecks(fakePool(answer, { catalog }), [resolve(file)], {
      place: { file: 'drills/shop.yaml', checkLines: [1] },
      takenAt,
      restore: FROM_DUMP,
      neighbours: fakeNeighbours(),
      rpoMs: undefined,
      clock: { now: () => takenAt, monotonicMs: () => 0 },
      signal: new AbortController().signal,
      snapshots: fakeSnapshots(),
      findPast: async (filter) => findPastChecks(runs, { ...filter, drill: 'orders', takenUntil: takenAt }),
      onWarning: (warning) => warnings.push(warning),
    });
    const { backup } = passedRun();
    runs.push(
      passedRun({
        id: `run-${runs.length + 1}`,
        startedAt: takenAt,
        verdict: record?.passed ? 'passed' : 'failed',
        checks: record ? [record] : [],
        backup: backup && { ...backup, takenAt },
      }),
    );
    return record;
  };
  const accept = (recurring: boolean): void => {
    const last = runs.pop();
    if (last) runs.push({ ...last, accepted: { at: NOON, by: 'alice', reason: 'purge', recurring } });
  };
  return { run, accept, warnings };
}

function pastCheck(runId: string, index: number): PastCheck {
  const at = new Date(NOON.getTime() - index * MINUTE_MS);
  return {
    runId,
    startedAt: at,
    takenAt: at,
    record: { name: 'it', passed: true, expected: '', actual: '', durationMs: 0 },
  };
}
