import { expect, test } from 'vitest';
import { compareRacers, type RaceTiming } from '../../src/status/race.ts';

const GB = 1e9;
const DAY_MS = 86_400_000;

/** Newest first: recoveries of these sizes, by a method that takes this fixed time and this time per gigabyte. */
function racer(
  drill: string,
  sizesGB: readonly number[],
  { fixedS, perGBS, room = 1 }: { fixedS: number; perGBS: number; room?: number },
) {
  const timings: RaceTiming[] = sizesGB.map((size, index) => ({
    at: new Date(Date.UTC(2026, 10, 28) - index * DAY_MS),
    recoveryTimeMs: (fixedS + perGBS * size) * 1000,
    dataBytes: size * room * GB,
  }));
  return { drill, timings, isFailing: timings.length > 0 ? false : undefined };
}

const dump = { fixedS: 4, perGBS: 20 };
const physical = { fixedS: 10, perGBS: 5 };

test('says who recovers first, by how much, and at which size that changes', () => {
  const result = compareRacers(racer('dump', [2, 1.5, 1], dump), racer('physical', [2, 1.5, 1], physical));
  expect(result).toMatchObject({
    drill: 'dump',
    against: 'physical',
    first: 'physical',
    recoveryTimeMs: 34_000,
    againstRecoveryTimeMs: 17_500,
    crossingBytes: 0.4 * GB,
    sentences: [
      'physical recovers first: 17.5 s against 34.0 s by dump, 1.9 times as fast (median of 3 runs and 3 runs)',
      'above about 400 MB of data physical recovers first, below it dump (linear in size: 4.0 s + 20.0 s/GB by dump and 10.0 s + 5.0 s/GB by physical, from 3 and 3 runs)',
    ],
  });
});

test('measures the data of both by what the first restores, however much space the other takes', () => {
  const result = compareRacers(racer('dump', [2, 1], dump), racer('physical', [2, 1], { ...physical, room: 1.7 }));
  expect(result.crossingBytes).toBe(0.4 * GB);
});

test('a method that starts ahead may be overtaken at larger sizes', () => {
  const { first, crossingBytes } = compareRacers(
    racer('dump', [0.2, 0.1], dump),
    racer('physical', [0.2, 0.1], physical),
  );
  expect([first, crossingBytes]).toEqual(['dump', 0.4 * GB]);
});

test.each([
  ['the slower one grows faster', { fixedS: 12, perGBS: 30 }, 'dump stays ahead up to 20.0 GB of data'],
  ['the lines meet far away', { fixedS: 1000, perGBS: 19.9 }, 'dump stays ahead up to 20.0 GB of data'],
  ['more data was restored faster', { fixedS: 30, perGBS: -3 }, 'above about'],
])('%s', (_case, other, expected) => {
  const { sentences } = compareRacers(racer('dump', [2, 1], dump), racer('physical', [2, 1], other));
  expect(sentences[1]).toContain(expected);
});

test('neither a single run nor runs of one size are enough to tell how recovery time grows', () => {
  const growth = (own: readonly number[], other: readonly number[]) =>
    compareRacers(racer('dump', own, dump), racer('physical', other, physical)).sentences[1];
  expect(growth([1], [1])).toBe('how it changes with size needs 1 more run of dump and 1 more run of physical');
  expect(growth([2, 1], [1])).toBe('how it changes with size needs 1 more run of physical');
  expect(growth([1.1, 1], [1.1, 1])).toBe(
    'how it changes with size needs runs with at least 25 % more or less data: dump had 1.10 GB',
  );
});

test('runs without a measured size count for recovery time, but not for growth', () => {
  const own = racer('dump', [1], dump);
  const timings = own.timings.map((timing) => ({ ...timing, dataBytes: undefined }));
  const { first, sentences } = compareRacers({ ...own, timings }, racer('physical', [1], physical));
  expect([first, sentences[1]]).toEqual([
    'physical',
    'how it changes with size needs 2 more runs of dump and 1 more run of physical',
  ]);
});

test('names no winner when medians differ by less than 5 %', () => {
  const { first, sentences } = compareRacers(racer('a', [1], dump), racer('b', [1], { fixedS: 4.5, perGBS: 20 }));
  expect(first).toBeUndefined();
  expect(sentences[0]).toMatch(/^a and b recover about as fast: 24.0 s against 24.5 s/);
});

test('a method whose newest run failed loses, however fast it was', () => {
  const failing = { ...racer('dump', [1], { fixedS: 1, perGBS: 1 }), isFailing: true };
  expect(compareRacers(failing, racer('physical', [1], physical))).toMatchObject({
    first: 'physical',
    sentences: ['dump does not recover: the newest verdict is failed'],
  });
});

test('asks for a passed run of a method that never passed', () => {
  const { first, sentences } = compareRacers(racer('dump', [1], dump), racer('physical', [], physical));
  expect([first, sentences]).toEqual([undefined, ['needs a passed run of physical']]);
});
