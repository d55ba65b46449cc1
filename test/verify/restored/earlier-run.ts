import type { Measured, PastCheck } from '../../../src/record/check-record.ts';

/** One good run a day earlier with these measurements; no run if there are none. */
export function earlierRun(measured: Measured | undefined): readonly PastCheck[] {
  if (!measured) return [];
  return [
    {
      runId: 'earlier',
      startedAt: new Date('2026-11-20T04:00:00Z'),
      takenAt: new Date('2026-11-20T03:00:00Z'),
      record: { name: 'it', passed: true, expected: '', actual: '', durationMs: 1, measured },
    },
  ];
}
