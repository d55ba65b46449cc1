import { describe, expect, test } from 'vitest';
import type { PastCheck } from '../../src/record/check-record.ts';
import { type ChangeFinding, judgeChange, type Slack } from '../../src/verify/judge-change.ts';
import { readNumbers, readPastWindow } from '../../src/verify/past-window.ts';

const DAY_MS = 86_400_000;
const NONE = { down: 0, up: 0 };
const ROWS = { down: 10, up: 1000 };
const RANGE = { low: -0.1, high: 0.25 };

/** @param value of a backup taken on this day */
function pastRun(value: number, day: number): PastCheck {
  const at = new Date(day * DAY_MS);
  const record = { name: 'n', passed: true, expected: '', actual: '', durationMs: 0, measured: { value } };
  return { runId: `run-${day}`, startedAt: at, takenAt: at, record };
}

/** @param past newest first */
async function judgeAfter(past: readonly PastCheck[], value: number, slack: Slack): Promise<ChangeFinding | undefined> {
  async function* history() {
    yield* past;
  }
  const window = await readPastWindow(history(), 14 * DAY_MS, ({ measured }) => readNumbers(measured));
  return judgeChange(value, window?.values.get('value'), RANGE, slack);
}

/** @param values oldest first, a day apart. */
function judge(values: readonly number[], value: number, slack = NONE) {
  return judgeAfter(values.map(pastRun).toReversed(), value, slack);
}

test('has no finding without a good run', async () => {
  expect(await judge([], 5)).toBeUndefined();
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
] as const)('judges %s', async (_what, values, value, isWithin) => {
  expect((await judge(values, value))?.isWithin).toBe(isWithin);
});

test.each([
  [2, true],
  [0, false],
  [1012, true],
  [1013, false],
])('ignores a change of a few rows in a table of 12 rows, which now has %i: %s', async (value, isWithin) => {
  expect((await judge([12], value, ROWS))?.isWithin).toBe(isWithin);
});

test('reports the value before and what would be accepted', async () => {
  expect(await judge([1000, 2000], 1)).toStrictEqual({ isWithin: false, before: 2000, least: 1800, most: 2500 });
});

test('reads nothing older than the window', async () => {
  const read: string[] = [];
  async function* history() {
    for (const [daysAgo, value] of [100, 110, 90, 1_000_000].entries()) {
      const past = pastRun(value, 40 - daysAgo * 10);
      read.push(past.runId);
      yield past;
    }
  }
  const window = await readPastWindow(history(), 14 * DAY_MS, ({ measured }) => readNumbers(measured));
  expect(read).toStrictEqual(['run-40', 'run-30', 'run-20']);
  expect(window?.values.get('value')).toMatchObject({ newest: 100, peak: 110, trough: 100 });
});

/** A mulberry32 generator, which is good enough to draw sizes. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How tables of good backups change from one day to the next, given the last size and the day. */
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
    test.each([1, 2, 3])(`none fails when a table ${name} (seed %i)`, async (seed) => {
      const draw = random(seed);
      const past: PastCheck[] = [];
      let last = 0;
      for (let day = 0; day < 200; day += 1) {
        last = Math.round(next(last, day, draw));
        if (last < 0) continue;
        const found = await judgeAfter(past, last, ROWS);
        expect(found?.isWithin ?? true, `day ${day}: ${found?.before} became ${last}`).toBe(true);
        past.unshift(pastRun(last, day));
      }
    });
  }

  test('a queue fails once, when it is first seen empty', async () => {
    const draw = random(1);
    const past: PastCheck[] = [];
    let bad = 0;
    for (let day = 0; day < 200; day += 1) {
      const value = day % 3 === 1 ? 0 : 1 + Math.floor(9 * draw());
      const found = await judgeAfter(past, value, ROWS);
      if (found?.isWithin === false) bad += 1;
      past.unshift(pastRun(value, day)); // accepted manually
    }
    expect(bad).toBe(1);
  });

  test('a table that loses a third fails on any day', async () => {
    const draw = random(7);
    const past: PastCheck[] = [];
    let last = 0;
    for (let day = 0; day < 200; day += 1) {
      last = Math.round(TABLES['grows by up to 3 % a day']?.(last, day, draw) ?? 0);
      if (day > 0) {
        const found = await judgeAfter(past, last * 0.66, ROWS);
        expect(found?.isWithin).toBe(false);
      }
      past.unshift(pastRun(last, day));
    }
  });
});
