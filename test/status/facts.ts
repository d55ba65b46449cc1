import { identityOf } from '../../src/backup/selection/drilled-backup.ts';
import { isRetryable } from '../../src/record/retryable.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { DrillState, SeenBackup } from '../../src/record/schedule-store.ts';
import type { StandingDrill } from '../../src/status/standing-facts.ts';
import { NOON, runningRun } from '../support/run-records.ts';
import { drillState } from '../support/schedule-records.ts';

export const HOUR_MS = 3_600_000;

/** Hours after noon of 2026-11-21, in UTC. */
export function atHour(hours: number): Date {
  return new Date(NOON.getTime() + hours * HOUR_MS);
}

/** A drill of the payments team with an RPO of 26 hours; without a schedule unless `changes` add one. */
export function drillOf(changes: Partial<StandingDrill> = {}): StandingDrill {
  return { name: 'orders', owner: 'payments', tier: 1, objectives: { rpoMs: 26 * HOUR_MS }, ...changes };
}

export function erroredRun(changes: Partial<RunRecord> = {}): RunRecord {
  const error = {
    code: 'image-missing',
    stage: 'provision',
    message: 'no image postgres:17',
    hint: undefined,
    details: [],
  } as const;
  const ended = { status: 'errored', endedBy: 'itself', endedAt: new Date(NOON.getTime() + 60_000), error } as const;
  const run = runningRun({ ...ended, ...changes });
  return { ...run, retryable: changes.retryable ?? isRetryable(run) };
}

/** A run that is in progress at `now`. */
export function goingOn(now: Date, changes: Partial<RunRecord> = {}): RunRecord {
  return runningRun({ leaseExpiresAt: new Date(now.getTime() + 60_000), ...changes });
}

export function stateOfDrill(changes: Partial<DrillState> = {}): DrillState {
  return drillState({ version: 1, ...changes });
}

/** The newest backup, taken at 03:00 and found by a poll at noon. */
export function seenBackup(changes: Partial<SeenBackup> = {}): SeenBackup {
  const { key = 'orders-2026-11-21.dump' } = changes;
  return {
    key,
    identity: identityOf([{ key, etag: '"abc"', sizeBytes: 48_100_000_000 }]),
    takenAt: atHour(-9),
    sizeBytes: 48_100_000_000,
    seenAt: NOON,
    ...changes,
  };
}
