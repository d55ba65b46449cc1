import { expect, test } from 'vitest';
import { historyRows, LIST_RUN_LIMIT, listRows } from '../../src/record/history-view.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';

const now = new Date(NOON.getTime() + 9 * 3_600_000);
const errored = runningRun({
  status: 'errored',
  error: { code: 'image-missing', stage: 'provision', message: 'no image postgres:17', hint: undefined, details: [] },
});

function sentenceOf(...runs: RunRecord[]): string | undefined {
  return listRows([{ name: 'orders' }], () => runs, now)[0]?.sentence;
}

test('what was never drilled stands first and is bad, then failing, errored, interrupted, running, passed', () => {
  const runs: Record<string, RunRecord> = {
    passed: passedRun(),
    failed: failedRun(),
    errored,
    interrupted: runningRun({ status: 'interrupted' }),
    running: runningRun(),
  };
  const names = ['passed', 'running', 'interrupted', 'errored', 'failed', 'never'];
  const rows = listRows(
    names.map((name) => ({ name })),
    (name) => (runs[name] ? [runs[name]] : []),
    now,
  );
  expect(rows.map((row) => [row.drill, row.state, row.tone])).toStrictEqual([
    ['never', 'never', 'bad'],
    ['failed', 'failed', 'bad'],
    ['errored', 'errored', 'bad'],
    ['interrupted', 'interrupted', 'warn'],
    ['running', 'running', 'busy'],
    ['passed', 'passed', 'good'],
  ]);
});

test('within a state, the most important tier stands first, then the name', () => {
  const drills = [{ name: 'b', tier: 2 }, { name: 'z' }, { name: 'a', tier: 2 }, { name: 'c', tier: 1 }];
  expect(listRows(drills, () => [], now).map((row) => row.drill)).toStrictEqual(['c', 'a', 'b', 'z']);
});

test('a row tells the age and the recovery time against the target', () => {
  const [row] = listRows([{ name: 'orders' }], () => [passedRun({ recoveryTimeMs: 252_000 })], now);
  expect(row).toMatchObject({ age: '9 h ago', recovery: '4 min 12 s of 15 min', sentence: 'recovers' });
});

test('the recovery time of an earlier run stands where the newest has none', () => {
  const [row] = listRows([{ name: 'orders' }], () => [errored, passedRun({ recoveryTimeMs: 252_000 })], now);
  expect(row).toMatchObject({ state: 'errored', recovery: '4 min 12 s of 15 min' });
});

test('a state is told in words, with how long it has lasted and why', () => {
  const why = 'recovery took 41 min, target 15 min (26 min over)';
  expect(sentenceOf(failedRun())).toBe(`failed: ${why}`);
  expect(sentenceOf(failedRun(), failedRun(), failedRun(), passedRun())).toBe(`failing for 3 runs: ${why}`);
  expect(sentenceOf(failedRun(), failedRun())).toBe(`failing for 2 runs: ${why}`);
  const many = Array.from({ length: LIST_RUN_LIMIT }, () => failedRun());
  expect(sentenceOf(...many)).toBe(`failing for ${LIST_RUN_LIMIT} runs or more: ${why}`);
  expect(sentenceOf(errored, errored, failedRun())).toBe('erroring for 2 runs: image-missing: no image postgres:17');
  expect(sentenceOf(passedRun({ warnings: ['tight'] }))).toBe('recovers, but tight');
  expect(sentenceOf()).toBe('never drilled: nobody knows whether it can be recovered');
});

test('a run that goes on tells how far it is and what was before', () => {
  expect(sentenceOf(runningRun({ stages: [stageOf('locate', 1)] }), failedRun())).toBe(
    'running, past locate; before that failed 9 h ago',
  );
  expect(sentenceOf(runningRun())).toBe('running; its first run');
});

test('history has one row per run, in words that cannot steer a terminal', () => {
  const evil = failedRun({ reasons: [{ reason: 'wrong-data', sentence: 'got \u001b[2J', hint: undefined }] });
  expect(historyRows([evil, passedRun({ startedAt: now })], now)).toMatchObject([
    { state: 'failed', tone: 'bad', age: '9 h ago', sentence: 'got \\u001b[2J', startedAt: '2026-11-21T12:00:00.000Z' },
    { state: 'passed', tone: 'good', age: 'just now', sentence: '' },
  ]);
});
