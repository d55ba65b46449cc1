import { expect, it } from 'vitest';
import { compareRuns, findLastPass } from '../../src/record/compare-runs.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, NOON, passedRun, stageOf } from '../support/run-records.ts';

/** Rows that differ, as `label: before > after, change`. */
function changes(before: RunRecord, after: RunRecord): string[] {
  return compareRuns(before, after)
    .filter(({ change }) => change !== '')
    .map((row) => `${row.label.trim()}: ${row.before} > ${row.after}, ${row.change}`);
}

it('finds no changes in the same run', () => {
  expect(changes(passedRun(), passedRun())).toEqual([]);
});

it('shows amounts with their difference and share', () => {
  const before = passedRun({ recoveryTimeMs: 10_000, dataLossMs: 0 });
  expect(changes(before, { ...before, recoveryTimeMs: 15_000 })).toEqual(['recovery: 10.0 s > 15.0 s, +5.0 s (+50 %)']);
  expect(changes(before, { ...before, recoveryTimeMs: 5000 })).toEqual(['recovery: 10.0 s > 5.0 s, −5.0 s (−50 %)']);
  expect(changes(before, { ...before, dataLossMs: 60_000 })).toEqual(['age: 0 ms > 1 min, +1 min']);
  expect(changes(before, { ...before, recoveryTimeMs: undefined })).toEqual(['recovery: 10.0 s > –, changed']);
});

it('pairs stages, their phases and checks by name, even if only one run has them', () => {
  const check = { name: 'rows', expected: '5', actual: '5', passed: true, durationMs: 1 };
  const seal = { name: 'seal', durationMs: 300 } as const;
  const before = passedRun({ stages: [{ ...stageOf('restore', 1000), phases: [] }], checks: [check] });
  const after = {
    ...before,
    stages: [{ ...stageOf('restore', 2000), phases: [seal] }],
    checks: [
      { ...check, passed: false, actual: '4' },
      { ...check, name: 'sum' },
    ],
  };
  expect(changes(before, after)).toEqual([
    'restore: 1.0 s > 2.0 s, +1.0 s (+100 %)',
    'seal: – > 300 ms, changed',
    'rows: ✔ 5 > ✖ 4, changed',
    'sum: – > ✔ 5, changed',
  ]);
});

it('shows a check whose expectation changed', () => {
  const check = { name: 'rows', expected: 'at least 599', actual: '599', passed: true, durationMs: 1 };
  const before = passedRun({ checks: [check] });
  expect(changes(before, { ...before, checks: [{ ...check, expected: 'at least 1' }] })).toEqual([
    'rows: ✔ 599 (expected at least 599) > ✔ 599 (expected at least 1), changed',
  ]);
});

it('finds the last pass of the same drill before a run', async () => {
  const store = createMemoryStore();
  const at = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);
  const runs = [
    passedRun({ id: 'old', startedAt: at(0) }),
    passedRun({ id: 'pass', startedAt: at(1) }),
    failedRun({ id: 'failed', startedAt: at(2) }),
    passedRun({ id: 'other', drill: 'shop', startedAt: at(3) }),
    failedRun({ id: 'now', startedAt: at(4) }),
    passedRun({ id: 'later', startedAt: at(5) }),
  ];
  for (const run of runs) {
    await store.claim({ ...run, status: 'running', verdict: undefined });
    await store.finish(run);
  }
  expect((await findLastPass(store, await store.getRun('now')))?.id).toBe('pass');
  expect(await findLastPass(store, await store.getRun('old'))).toBeUndefined();
});
