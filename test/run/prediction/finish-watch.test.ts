import { expect, it } from 'vitest';
import type { RunEvent, RunFact } from '../../../src/run/contract.ts';
import { FinishWatch } from '../../../src/run/prediction/finish-watch.ts';

const START_MS = Date.parse('2026-11-28T03:00:00Z');
const COUNTS = ['locate', 'restore', 'verify'] as const;

/** Log messages of a run whose first stage takes this long; its only earlier run took 1 s for it and 1 s for the next. */
function movesAfter(locateMs: number): readonly string[] {
  const said: string[] = [];
  const stages = (['locate', 'verify'] as const).map((name) => ({
    ...{ name, durationMs: 1000, outcome: 'ok' as const, phases: [] },
  }));
  let nowMs = START_MS;
  using watch = new FinishWatch({
    history: [{ counts: COUNTS, sizeBytes: undefined, stages }],
    emit: (fact: RunFact) => {
      if (fact.type === 'log') said.push(fact.message);
    },
    now: () => new Date(nowMs),
  });
  const tell = (fact: Record<string, unknown>, atMs: number) => {
    nowMs = atMs;
    watch.follow({ at: new Date(atMs), ...fact } as unknown as RunEvent);
  };
  const startedAt = new Date(START_MS);
  tell({ type: 'run-started', rtoMs: 500, counts: COUNTS }, START_MS);
  tell({ type: 'stage-started', stage: 'locate', startedAt }, START_MS);
  tell({ type: 'planned', plan: { checks: [], engine: {} } }, START_MS);
  const ended = { type: 'stage-ended', stage: 'locate', startedAt, durationMs: locateMs, outcome: 'ok', phases: [] };
  tell(ended, START_MS + locateMs);
  return said;
}

it('logs a finish that has moved much later, but not one by a second or two, however short the RTO is', () => {
  expect(movesAfter(3000)).toEqual([]);
  expect(movesAfter(20_000)).toEqual(['expected finish moved from 0:02 to 0:21 (from one earlier run)']);
});
