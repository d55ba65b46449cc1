import { describe, expect, test } from 'vitest';
import { judgeChange, type PastValue } from '../../src/verify/judge-change.ts';

const DAY_MS = 86_400_000;
const NONE = { down: 0, up: 0 };
const RANGE = { low: -0.1, high: 0.25 };

/** @param values oldest first, a day apart. */
function history(values: readonly number[]): PastValue[] {
  return values.map((value, day) => ({ takenAt: new Date(day * DAY_MS), value })).toReversed();
}

function judge(values: readonly number[], value: number, slack = NONE) {
  return judgeChange(value, history(values), RANGE, { sinceMs: 14 * DAY_MS, slack });
}

test('has nothing to say without a good run', () => {
  expect(judge([], 5)).toBeUndefined();
});

test.each([
  ['the lowest that is allowed', [1000], 900, true],
  ['one less', [1000], 899, false],
  ['the highest that is allowed', [1000], 1250, true],
  ['one more', [1000], 1251, false],
  ['a steadily growing table that loses a fifth', [500, 600, 700, 800, 900, 1000], 800, false],
  ['a steadily growing table that grows on', [500, 600, 700, 800, 900, 1000], 1100, true],
  ['a purge as deep as one before', [1000, 300, 1000], 300, true],
  ['a purge deeper than one before', [1000, 300, 1000], 200, false],
  ['slow decay that goes on', [1000, 950, 900, 860], 820, true],
  ['an emptied table', [8], 0, false],
  ['a queue that has been empty before', [8, 0, 5], 0, true],
  ['rows in a table that was empty', [0], 100_000, true],
  ['an old purge, which is no excuse', [1000, 300, ...Array<number>(20).fill(1000)], 300, false],
] as const)('judges %s', (_what, values, value, isWithin) => {
  expect(judge(values, value)?.isWithin).toBe(isWithin);
});

test('small tables may change by some rows, and not become empty', () => {
  const slack = { down: 10, up: 1000 };
  expect(judge([12], 2, slack)?.isWithin).toBe(true);
  expect(judge([12], 0, slack)?.isWithin).toBe(false);
  expect(judge([12], 1012, slack)?.isWithin).toBe(true);
  expect(judge([12], 1013, slack)?.isWithin).toBe(false);
});

test('says what was there before and what would be accepted', () => {
  expect(judge([1000, 2000], 1)).toStrictEqual({ isWithin: false, before: 2000, least: 1800, most: 2500 });
});

/** Of mulberry32, which is good enough to draw sizes. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How tables of good backups change from one day to the next; from the last size and the day. */
const TABLES: Readonly<Record<string, (last: number, day: number, draw: () => number) => number>> = {
  'grows by up to 3 % a day': (last, _day, draw) => (last || 20_000) * (1 + 0.03 * draw()),
  'grows by a quarter on busy days': (last, day, draw) =>
    (last || 5000) * (day % 30 === 29 ? 1.24 : 1 + 0.002 * draw()),
  'is purged of up to 9 % each week': (last, day, draw) =>
    (last || 80_000) * (day % 7 === 6 ? 1 - 0.09 * draw() : 1.012),
  'shrinks by 1 % a day': (last) => (last || 5_000_000) * 0.99,
  'swings within its bounds': (_last, _day, draw) => 10_000 * (0.96 + 0.08 * draw()),
  'never changes': () => 42,
  'is small': (_last, _day, draw) => 3 + Math.floor(8 * draw()),
  'is new from day 50 on and fills quickly': (last, day, draw) =>
    day < 50 ? -1 : day === 50 ? 0 : last + 300 * draw(),
  'is empty': () => 0,
};

describe('of 200 good drills of changing sizes', () => {
  for (const [name, next] of Object.entries(TABLES)) {
    test.each([1, 2, 3])(`none is called bad when a table ${name} (seed %i)`, (seed) => {
      const draw = random(seed);
      const past: PastValue[] = [];
      let last = 0;
      for (let day = 0; day < 200; day += 1) {
        last = Math.round(next(last, day, draw));
        if (last < 0) continue;
        const found = judgeChange(last, past, RANGE, { sinceMs: 14 * DAY_MS, slack: { down: 10, up: 1000 } });
        expect(found?.isWithin ?? true, `day ${day}: ${found?.before} became ${last}`).toBe(true);
        past.unshift({ takenAt: new Date(day * DAY_MS), value: last });
      }
    });
  }

  test('a queue is called bad once, when it is first seen empty', () => {
    const draw = random(1);
    const past: PastValue[] = [];
    let bad = 0;
    for (let day = 0; day < 200; day += 1) {
      const value = day % 3 === 1 ? 0 : 1 + Math.floor(9 * draw());
      const found = judgeChange(value, past, RANGE, { sinceMs: 14 * DAY_MS, slack: { down: 10, up: 1000 } });
      if (found?.isWithin === false) bad += 1;
      past.unshift({ takenAt: new Date(day * DAY_MS), value }); // accepted by hand
    }
    expect(bad).toBe(1);
  });

  test('a table that loses a third is called bad on any day', () => {
    const draw = random(7);
    const past: PastValue[] = [];
    let last = 0;
    for (let day = 0; day < 200; day += 1) {
      last = Math.round(TABLES['grows by up to 3 % a day']?.(last, day, draw) ?? 0);
      if (day > 0) {
        const found = judgeChange(last * 0.66, past, RANGE, { sinceMs: 14 * DAY_MS, slack: { down: 10, up: 1000 } });
        expect(found?.isWithin).toBe(false);
      }
      past.unshift({ takenAt: new Date(day * DAY_MS), value: last });
    }
  });
});
