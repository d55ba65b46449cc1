import { describe, expect, it } from 'vitest';
import type { RunTiming } from '../../../src/record/store.ts';
import { predict } from '../../../src/run/prediction/predict.ts';
import { NEW_TIMELINE, type Timeline } from '../../../src/run/prediction/timeline.ts';

const COUNTS = ['locate', 'plan', 'provision', 'restore', 'verify'] as const;
const START_MS = Date.parse('2026-11-28T03:00:00Z');

/** A run of 100 s: 2 before the restore, 10 fetching, 50 loading, 20 for indexes, 8 for the seal, and 10 for checks. */
const RUN: RunTiming = {
  counts: COUNTS,
  sizeBytes: 1000,
  stages: [
    { name: 'locate', durationMs: 2000, outcome: 'ok', phases: [] },
    {
      name: 'restore',
      durationMs: 88_000,
      outcome: 'ok',
      phases: [
        { name: 'fetch', durationMs: 10_000 },
        { name: 'load', durationMs: 50_000 },
        { name: 'index', durationMs: 20_000 },
        { name: 'seal', durationMs: 8000 },
      ],
    },
    { name: 'verify', durationMs: 10_000, outcome: 'ok', phases: [] },
  ],
};
const HISTORY = [RUN, RUN, RUN];

/** During the load, at this share of its work and this long after the restore began (10 s of it fetching). */
function loading(ratio: number | undefined, seconds: number, more: Partial<Timeline> = {}) {
  const restoreMs = START_MS + 2000;
  const line: Timeline = {
    ...NEW_TIMELINE,
    rtoMs: 900_000,
    counts: COUNTS,
    countedMs: 2000,
    sizeBytes: 1000,
    isPhysical: false,
    spent: { locate: 2000, fetch: 10_000 },
    stage: { name: 'restore', startedAtMs: restoreMs },
    current: {
      name: 'load',
      sinceMs: restoreMs + 10_000,
      ratio,
      ratioAtMs: restoreMs + seconds * 1000,
      covers: ['load'],
    },
    ...more,
  };
  return { line, nowMs: restoreMs + seconds * 1000 };
}

const likelyS = (input: Parameters<typeof predict>[0]) => (predict(input).finish?.likelyMs ?? Number.NaN) / 1000;

describe('a prediction from earlier runs', () => {
  it('equals their time before anything is known of this one', () => {
    const line = {
      ...NEW_TIMELINE,
      counts: COUNTS,
      rtoMs: 900_000,
      stage: { name: 'locate', startedAtMs: START_MS } as const,
    };
    const current = {
      name: 'locate',
      sinceMs: START_MS,
      ratio: undefined,
      ratioAtMs: START_MS,
      covers: ['locate'],
    } as const;
    expect(likelyS({ line: { ...line, current }, history: HISTORY, nowMs: START_MS + 500 })).toBeCloseTo(100, 0);
  });

  it('does not change while the work goes as usual', () => {
    expect(likelyS({ ...loading(0.5, 35), history: HISTORY })).toBeCloseTo(100, 0);
  });

  it('grows with the backup', () => {
    const { line, nowMs } = loading(0.25, 35);
    expect(likelyS({ line: { ...line, sizeBytes: 2000 }, nowMs, history: HISTORY })).toBeGreaterThan(150);
  });

  it('moves to this run’s pace, and says why', () => {
    const { finish, why } = predict({ ...loading(0.5, 60), history: HISTORY });
    expect((finish?.likelyMs ?? 0) / 1000).toBeGreaterThan(125);
    expect(why).toMatch(/^from 3 earlier runs; this one is \d\d % slower$/);
    expect(likelyS({ ...loading(0.5, 20), history: HISTORY })).toBeLessThan(85);
  });

  it('never says that nothing is left of a step that takes longer than expected', () => {
    for (const seconds of [100, 200, 400]) {
      const { finish, elapsedMs } = predict({ ...loading(undefined, seconds), history: HISTORY });
      expect((finish?.likelyMs ?? 0) - elapsedMs).toBeGreaterThan(10_000);
    }
  });

  it('has a wider range after one run than after several similar ones, and a wider one earlier in the run', () => {
    const widthOf = (input: Parameters<typeof predict>[0]) => {
      const { finish } = predict(input);
      return (finish?.highMs ?? 0) - (finish?.lowMs ?? 0);
    };
    const few = widthOf({ ...loading(0.5, 35), history: [RUN] });
    const many = widthOf({ ...loading(0.5, 35), history: HISTORY });
    expect(few).toBeGreaterThan(many * 1.5);
    expect(widthOf({ ...loading(0.1, 15), history: HISTORY })).toBeGreaterThan(many);
  });
});

describe('a prediction without an earlier run', () => {
  it('is not made before data is loading', () => {
    expect(predict({ ...loading(0, 10), history: [] })).toMatchObject({
      finish: undefined,
      why: 'no estimate yet: first run, measuring its rate',
    });
  });

  it('is not made from read-ahead data, which arrives all at once', () => {
    expect(predict({ ...loading(0.3, 11), history: [] }).finish).toBeUndefined();
    expect(predict({ ...loading(0.05, 14), history: [] }).finish).toBeUndefined();
    expect(predict({ ...loading(0.3, 13), history: [] }).finish).toBeDefined();
  });

  it('uses this run’s rate, adds what usually follows, and says so with a wide range', () => {
    const { finish, why } = predict({ ...loading(0.5, 35), history: [] });
    expect(why).toBe('no earlier run; from this run’s rate');
    expect((finish?.likelyMs ?? 0) / 1000).toBeGreaterThan(62 + 20);
    expect((finish?.highMs ?? 0) - (finish?.lowMs ?? 0)).toBeGreaterThan(20_000);
  });

  it('does not add indexes whose work is already included in the share', () => {
    const { line, nowMs } = loading(0.5, 35);
    const both = line.current && { ...line.current, covers: ['load', 'index'] as const };
    expect(likelyS({ line: { ...line, current: both }, nowMs, history: [] })).toBeLessThan(
      likelyS({ line, nowMs, history: [] }),
    );
  });

  it('continues after the load, and ends with the last stage', () => {
    const after = {
      spent: { locate: 2000, fetch: 10_000, load: 50_000, index: 20_000, seal: 8000 },
      stage: undefined,
      current: undefined,
    };
    const between = likelyS({ ...loading(undefined, 90, { ...after, countedMs: 90_000 }), history: [] });
    expect(between).toBeGreaterThan(90);
    const verified = { ...after, spent: { ...after.spent, verify: 10_000 }, countedMs: 100_000 };
    expect(likelyS({ ...loading(undefined, 100, verified), history: [] })).toBe(100);
  });
});

it('a stalled run has no prediction, whatever earlier runs took', () => {
  expect(predict({ ...loading(0.3, 30, { isStalled: true }), history: HISTORY })).toMatchObject({
    finish: undefined,
    why: 'no progress for 5 s',
  });
});
