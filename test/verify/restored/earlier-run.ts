import type { Measured, PastCheck } from '../../../src/record/check-record.ts';

/** What a check measured in the one good run before, a day ago; no run when it measured nothing. */
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
