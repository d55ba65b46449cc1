import { expect, it } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { listRows } from '../../src/status/list-rows.ts';
import { standingOf, standingOfBrokenFile } from '../../src/status/standing-of.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { failedRun, passedRun, runningRun } from '../support/run-records.ts';
import { atHour, drillOf, erroredRun, goingOn, seenBackup, stateOfDrill } from './facts.ts';

const now = atHour(9);

function one(name: string, runs: readonly RunRecord[], changes: Parameters<typeof drillOf>[0] = {}) {
  return { runs, standing: standingOf(drillOf({ name, ...changes }), { runs, state: undefined }, now) };
}

it('drills are sorted worst first: failing, never drilled, overdue, no new backup, broken, errored, cut off, running, passed', () => {
  const schedule = scheduleOf({ cron: '0 13 * * *', onNewBackup: undefined });
  const state = stateOfDrill({ newestBackup: seenBackup({ seenAt: now }) });
  const stopped = drillOf({ name: 'stopped', objectives: { rpoMs: 1000 } });
  const rows = listRows(
    [
      one('passed', [passedRun()]),
      one('tight', [passedRun({ warnings: ['tight'] })]),
      one('running', [goingOn(now)]),
      one('retried', [goingOn(now), failedRun()]),
      one('canceled', [erroredRun(), failedRun()], { tier: 3 }),
      one('interrupted', [runningRun()]),
      one('errored', [erroredRun()]),
      one('overdue', [passedRun()], { schedule }),
      { runs: [passedRun()], standing: standingOf(stopped, { runs: [passedRun()], state }, now) },
      one('failed', [failedRun()]),
      one('never', []),
      { runs: [], standing: standingOfBrokenFile('broken', { problem: 'x', since: undefined }) },
    ],
    now,
  );
  expect(rows.map((row) => [row.drill, row.state, row.tone])).toStrictEqual([
    ['failed', 'failed', 'bad'],
    ['retried', 'running', 'busy'],
    ['canceled', 'failed', 'bad'],
    ['never', 'never', 'bad'],
    ['overdue', 'overdue', 'bad'],
    ['stopped', 'no-new-backup', 'bad'],
    ['broken', 'broken', 'bad'],
    ['errored', 'errored', 'bad'],
    ['interrupted', 'interrupted', 'warn'],
    ['running', 'running', 'busy'],
    ['passed', 'passed', 'good'],
    ['tight', 'passed', 'warn'],
  ]);
});

it('drills are sorted by tier within a state, the most important first, then by name', () => {
  const drills = [
    one('b', [], { tier: 2 }),
    one('z', [], { tier: undefined }),
    one('a', [], { tier: 2 }),
    one('c', []),
  ];
  expect(listRows(drills, now).map((row) => row.drill)).toStrictEqual(['c', 'a', 'b', 'z']);
});

it('a row shows the age of the newest run, and the latest recovery time against the target', () => {
  const timed = passedRun({ recoveryTimeMs: 252_000 });
  expect(listRows([one('orders', [timed])], now)).toMatchObject([
    { age: '9 h ago', recovery: '4 min 12 s (RTO 15 min)', sentence: 'recoverable' },
  ]);
  const id = '20261121-130000-bbbbbb';
  expect(listRows([one('orders', [erroredRun({ id }), timed])], now)).toMatchObject([
    { state: 'errored', recovery: '4 min 12 s (RTO 15 min)', lastRun: id },
  ]);
  expect(listRows([one('orders', [])], now)).toMatchObject([{ age: '', recovery: '', lastRun: undefined }]);
});

it('a drill whose recovery identity does not work needs attention, even when it passed', () => {
  const recovery = { sentence: 'as it is', provenAt: undefined, runId: undefined };
  const toneOf = (state: 'proven' | 'never' | 'failed') =>
    listRows([{ ...one('orders', [passedRun()]), recovery: { ...recovery, state } }], now)[0]?.tone;
  expect([toneOf('proven'), toneOf('never'), toneOf('failed')]).toEqual(['good', 'good', 'bad']);
});
