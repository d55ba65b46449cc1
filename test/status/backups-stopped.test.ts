import { expect, it } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { SeenBackup } from '../../src/record/schedule-store.ts';
import { findBackupsStopped, newestTakenAt } from '../../src/status/backups-stopped.ts';
import { NOON, passedRun } from '../support/run-records.ts';
import { atHour, drillOf, HOUR_MS, seenBackup, stateOfDrill } from './facts.ts';

function stopped(
  seen: Partial<SeenBackup> | undefined,
  at: Date,
  { rpoMs = 26 * HOUR_MS, runs = [] }: { rpoMs?: number | undefined; runs?: readonly RunRecord[] } = {},
) {
  const state = stateOfDrill({ newestBackup: seen && seenBackup(seen) });
  return findBackupsStopped(drillOf({ objectives: { rpoMs } }), { runs, state }, at);
}

it('reports the newest backup once a poll has found it older than the RPO', () => {
  expect(stopped({ seenAt: atHour(17) }, atHour(17))).toBeUndefined();
  expect(stopped({ seenAt: atHour(17.5) }, atHour(18))).toEqual({
    since: atHour(17),
    sentence: 'no new backup: orders-2026-11-21.dump is the newest, taken 27 h ago, objective 26 h',
  });
});

it('raises no alert for what may have arrived since the last poll', () => {
  expect(stopped({ seenAt: atHour(16) }, atHour(20))).toBeUndefined();
});

it('raises no alert from an old poll: half the RPO, at least two hours', () => {
  expect(stopped({ seenAt: atHour(18) }, atHour(31))).toBeDefined();
  expect(stopped({ seenAt: atHour(18) }, atHour(31.1))).toBeUndefined();
  expect(stopped({}, atHour(2), { rpoMs: HOUR_MS })).toBeDefined();
  expect(stopped({}, atHour(2.1), { rpoMs: HOUR_MS })).toBeUndefined();
});

it('reports an empty source once the last backup there is older than the RPO', () => {
  const state = stateOfDrill({
    newestBackup: seenBackup(),
    pollError: { code: 'backup-missing', message: 'no backup matches' },
  });
  expect(findBackupsStopped(drillOf(), { runs: [], state }, atHour(16))).toBeUndefined();
  expect(findBackupsStopped(drillOf(), { runs: [], state }, atHour(18))).toEqual({
    since: atHour(17),
    sentence: 'no new backup: none is there, the last one was orders-2026-11-21.dump, taken 27 h ago, objective 26 h',
  });
  const denied = { ...state, pollError: { code: 'source-denied', message: 'backup-missing: no' } as const };
  expect(findBackupsStopped(drillOf(), { runs: [], state: denied }, atHour(100))).toBeUndefined();
  const silent = { runs: [], state, schedulerSilence: 'no scheduler has reported for 9 h' };
  expect(findBackupsStopped(drillOf(), silent, atHour(100))).toBeUndefined();
});

it('reports nothing without a poll or an RPO, or when a run has seen a newer backup', () => {
  expect(stopped(undefined, atHour(100))).toBeUndefined();
  const state = stateOfDrill({ newestBackup: seenBackup({ seenAt: atHour(40) }) });
  const drill = drillOf({ objectives: { rpoMs: undefined } });
  expect(findBackupsStopped(drill, { runs: [], state }, atHour(40))).toBeUndefined();
  const { backup } = passedRun();
  if (!backup) throw new Error('a run that passed has a backup');
  const runs = [passedRun({ backup: { ...backup, newestTakenAt: NOON } })];
  expect(stopped({ seenAt: atHour(18) }, atHour(18), { runs })).toBeUndefined();
});

it('finds the newest backup from polls and from the newest run that found one, even if that drilled an older one', () => {
  const { backup } = passedRun();
  if (!backup) throw new Error('a run that passed has a backup');
  const older = passedRun({ backup: { ...backup, takenAt: atHour(-200), newestTakenAt: atHour(-8) } });
  const state = stateOfDrill({ newestBackup: seenBackup() });
  expect(newestTakenAt({ runs: [], state: undefined })).toBeUndefined();
  expect(newestTakenAt({ runs: [passedRun({ backup: undefined }), older], state })).toEqual(atHour(-8));
  expect(newestTakenAt({ runs: [], state })).toEqual(atHour(-9));
});
