import { expect, it } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { standingOf } from '../../src/status/standing-of.ts';
import { failedRun, passedRun, runningRun } from '../support/run-records.ts';
import { atHour, drillOf } from './facts.ts';

const now = atHour(9);
const NEWEST = new Date('2026-11-21T03:00:00.000Z');
const OLDER = new Date('2026-11-14T03:00:00.000Z');

/** The run, with a backup selected in this way. */
function of(run: RunRecord, takenAt: Date, by: 'key' | 'latest' | 'random'): RunRecord {
  if (!run.backup) throw new Error('the run has no backup');
  const definition = JSON.stringify({ backup: { select: { by } } });
  return { ...run, definition, backup: { ...run.backup, takenAt, newestTakenAt: NEWEST } };
}
function stateOf(runs: readonly RunRecord[], lastVerdict?: RunRecord): string {
  return standingOf(drillOf(), { runs, lastVerdict, state: undefined }, now).state;
}

const failing = of(failedRun({ backup: passedRun().backup }), NEWEST, 'latest');
const passing = of(passedRun(), NEWEST, 'latest');

it('stays failed when an older backup, requested by its key, passes', () => {
  expect(stateOf([of(passedRun(), OLDER, 'key'), failing])).toBe('failed');
  expect(stateOf([of(passedRun(), OLDER, 'key')], failing)).toBe('failed');
});

it('stays passed when an older backup, requested by its key, fails', () => {
  const older = of(failedRun({ backup: passedRun().backup }), OLDER, 'key');
  expect(stateOf([older, passing])).toBe('passed');
});

it('follows runs of the newest backup by its key, and of an older one that the drill selected', () => {
  expect(stateOf([of(passedRun(), NEWEST, 'key'), failing])).toBe('passed');
  expect(stateOf([of(passedRun(), OLDER, 'random'), failing])).toBe('passed');
});

it('follows runs of older backups when there are no others', () => {
  expect(stateOf([of(passedRun(), OLDER, 'key')])).toBe('passed');
});

it('shows a run of an older backup while it is in progress', () => {
  expect(
    stateOf([of(runningRun({ backup: passedRun().backup, leaseExpiresAt: atHour(10) }), OLDER, 'key'), failing]),
  ).toBe('running');
});
