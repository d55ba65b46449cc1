import { expect, it } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { dueRetry } from '../../src/status/retry.ts';
import { failedRun, NOON, runningRun } from '../support/run-records.ts';
import { atHour, erroredRun } from './facts.ts';

const trigger = { kind: 'schedule', dueAt: NOON, attempt: 1 } as const;
const owed = erroredRun({ trigger });

it('a retry is due two minutes after a run of a schedule or a new backup errored', () => {
  for (const run of [
    owed,
    { ...owed, status: 'interrupted' },
    { ...owed, trigger: { ...trigger, kind: 'new-backup' } },
  ])
    expect(dueRetry([run as RunRecord], atHour(1))).toEqual({ run, notBefore: new Date('2026-11-21T12:03:00Z') });
});

it('a retry is due at once after the process of a run died, even on a clock that is behind', () => {
  const killed = { ...owed, status: 'interrupted', endedBy: 'process-lost' } as const;
  expect(dueRetry([killed], NOON)).toEqual({ run: killed, notBefore: undefined });
});

it('a verdict, a manual run, a second attempt and a run in progress are never retried', () => {
  for (const run of [
    failedRun({ trigger }),
    erroredRun({ trigger: { ...trigger, kind: 'hand', dueAt: undefined } }),
    erroredRun({ trigger: { ...trigger, attempt: 2 } }),
    runningRun({ trigger }),
  ])
    expect(dueRetry([run], atHour(1))).toBeUndefined();
  expect(dueRetry([], NOON)).toBeUndefined();
});

it('a retry is dropped when another run has followed, or after six hours', () => {
  expect(dueRetry([failedRun(), owed], atHour(1))).toBeUndefined();
  expect(dueRetry([owed], atHour(6))).toBeDefined();
  expect(dueRetry([owed], atHour(6.1))).toBeUndefined();
});
