import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunFigures } from '../../src/record/report-store.ts';
import { makeReport } from '../../src/report/make-report.ts';
import type { Forecast, Trend } from '../../src/report/report-trend.ts';
import { makeRandom } from '../bench/schedule/random.ts';
import { CONTEXT, DAY_MS, ENVIRONMENT, historyOf, inputOf, MINUTE_MS, NOW, passedFact, sizedFact } from './facts.ts';

function trendOf(facts: readonly RunFigures[]): Trend {
  const [trend] = makeReport(inputOf({ histories: [historyOf(facts)] })).trends;
  if (!trend) throw new Error('there is no trend');
  return trend;
}

function madeForecast(facts: readonly RunFigures[]): Extract<Forecast, { kind: 'made' }> {
  const { forecast } = trendOf(facts);
  if (forecast.kind !== 'made') throw new Error(forecast.sentence);
  return forecast;
}

/** One run a day for this many days, oldest first. */
function daily(days: number, make: (agoDays: number) => RunFigures): readonly RunFigures[] {
  return Array.from({ length: days }, (_, index) => make(days - index));
}

test('growth at a measured throughput predicts when the target is crossed', () => {
  // 12 min of restore today, plus 1.2 GB a day at 100 MB/s, which is 12 s: the permitted 29 min are reached in 85 days.
  const facts = daily(40, (ago) => sizedFact(ago, 72e9 - ago * 1.2e9));
  const forecast = madeForecast(facts);
  expect(forecast.basis.sizeBytesPerDay).toBeCloseTo(1.2e9, -4);
  expect(forecast.basis.bytesPerSecond).toBeCloseTo(100e6, -2);
  expect(forecast.basis.besideRestoreMs).toBeCloseTo(MINUTE_MS);
  if (forecast.crossing.kind !== 'expected') throw new Error(forecast.crossing.kind);
  expect((forecast.crossing.at.getTime() - NOW.getTime()) / DAY_MS).toBeCloseTo(85, 0);
  expect(forecast.sentence).toBe('will take longer than its target of 30 min around 13 February 2027');
  // Forecasts reach three times as far ahead as the history, and no further.
  const short = madeForecast(daily(20, (ago) => sizedFact(ago, 72e9 - ago * 1.2e9)));
  expect(short.crossing).toStrictEqual({ kind: 'none', until: new Date(NOW.getTime() + 56 * DAY_MS) });
  expect(short.sentence).toBe('on track to meet its target of 30 min through 16 January 2027');
});

test('the true day of a noisy series lies within the forecast interval', () => {
  const days = fc.integer({ min: 30, max: 150 });
  fc.assert(
    fc.property(fc.integer(), days, fc.integer({ min: 30, max: 120 }), (seed, count, crossesIn) => {
      const random = makeRandom(seed);
      // 29 min of restore are 174 GB: the line goes from half of that to there.
      const growth = 87e9 / (count + crossesIn);
      const facts = daily(count, (ago) => {
        const sizeBytes = (174e9 - growth * (crossesIn + ago)) * (1 + 0.02 * (random() - 0.5));
        const restoreMinutes = (sizeBytes / 100e6 / 60) * (1 + 0.1 * (random() - 0.5));
        return passedFact(ago, restoreMinutes, { sizeBytes });
      });
      const { crossing } = madeForecast(facts);
      const knownMs = NOW.getTime() + crossesIn * DAY_MS;
      if (crossing.kind === 'none') expect(crossing.until.getTime()).toBeLessThan(knownMs + 30 * DAY_MS);
      if (crossing.kind === 'possible') expect(crossing.earliest.getTime()).toBeLessThan(knownMs + DAY_MS);
      if (crossing.kind !== 'expected') return;
      expect(crossing.earliest.getTime()).toBeLessThan(knownMs + DAY_MS);
      expect(crossing.latest?.getTime() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(knownMs - DAY_MS);
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('a falling throughput is part of the forecast', () => {
  const facts = daily(60, (ago) => passedFact(ago, 20 - ago * 0.1, { sizeBytes: 60e9 }));
  const forecast = madeForecast(facts);
  expect(forecast.basis.sizeBytesPerDay).toBe(0);
  expect(forecast.basis.driftMsPerDay).toBeCloseTo(0.1 * MINUTE_MS, -2);
  if (forecast.crossing.kind !== 'expected') throw new Error(forecast.crossing.kind);
  expect((forecast.crossing.at.getTime() - NOW.getTime()) / DAY_MS).toBeCloseTo(90, 0);
});

test('a few outliers do not move the forecast', () => {
  const series = (wild: number) =>
    daily(40, (ago) => {
      const minutes = 12 - ago * 0.1;
      return passedFact(ago, ago % 9 === 0 ? wild * minutes : minutes, { sizeBytes: minutes * 6e9 });
    });
  const [last, lastPlain] = [madeForecast(series(3)).line.at(-1), madeForecast(series(1)).line.at(-1)];
  expect(last?.expectedMs).toBeCloseTo(lastPlain?.expectedMs ?? 0, -1);
  expect(last?.highMs).toBeGreaterThan(1.5 * (lastPlain?.highMs ?? 0));
});

test.for<[string, string, readonly RunFigures[], RegExp]>([
  ['seven runs', 'too-few', daily(7, (ago) => passedFact(3 * ago)), /7 timed runs, 8 are needed/],
  ['no timed run', 'too-few', [passedFact(1, 1, { recoveryTimeMs: undefined })], /0 timed runs/],
  ['nine days', 'too-short', daily(10, (ago) => passedFact(ago)), /the runs span 9 d, 14 d are needed/],
  ['runs all over the place', 'too-scattered', daily(30, (ago) => passedFact(ago, 2 + (ago % 5) * 6)), /vary by \d+ %/],
  ['runs long ago', 'too-old', daily(15, (ago) => passedFact(ago + 14.5)), /latest timed run is 15 d old/],
  [
    'a restore that does not count',
    'not-counted',
    daily(30, (ago) => passedFact(ago, 1, { context: { ...CONTEXT, counts: ['verify'] } })),
    /restore stage does not count/,
  ],
])('%s give no forecast, and the reason is stated', ([, why, facts, sentence]) => {
  const { forecast } = trendOf(facts);
  expect(forecast).toMatchObject({ kind: 'refused', why });
  expect(forecast.sentence).toMatch(sentence);
});

test.for([
  [
    'image',
    { image: 'postgres:18', imageId: 'sha256:18', serverVersion: '18.1' },
    'image postgres:17 → postgres:18, server 17.4 → 18.1',
  ],
  ['image of the same name', { imageId: 'sha256:other' }, 'image postgres:17 rebuilt'],
  ['host', { host: 'db-2' }, 'host db-1 → db-2'],
  ['runtime', { runtime: 'local' as const }, 'runtime docker → local'],
] as const)('a forecast does not span another %s: it restarts, and the step is marked', ([, changes, sentence]) => {
  const other = { ...ENVIRONMENT, ...changes };
  const series = (since: number) =>
    daily(40, (ago) => sizedFact(ago, 60e9 + (40 - ago) * 1e9, ago <= since ? { environment: other } : {}));
  const short = trendOf(series(5));
  expect(short.forecast).toMatchObject({ kind: 'refused', why: 'too-few', step: { kind: 'environment', sentence } });
  expect(short.forecast.sentence).toContain(`since 16 November 2026 (${sentence})`);
  expect(short.steps).toMatchObject([{ kind: 'environment', runId: 'run-5', sentence }]);
  expect(madeForecast(series(20)).basis).toMatchObject({ runs: 20 });
});

test('an unexplained level shift is also a step, but growth is not', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(0.6, 1.4, 2), (seed, factor) => {
      const random = makeRandom(seed);
      const noisy = (minutes: number) => minutes * (1 + 0.06 * (random() - 0.5));
      const shifted = trendOf(daily(50, (ago) => passedFact(ago, noisy(ago <= 20 ? 10 * factor : 10))));
      expect(shifted.steps).toMatchObject([{ kind: 'level' }]);
      const at = shifted.steps[0]?.at.getTime() ?? 0;
      expect(Math.abs((NOW.getTime() - at) / DAY_MS - 20)).toBeLessThanOrEqual(1);
      expect(shifted.forecast.step).toStrictEqual(shifted.steps[0]);
      const grown = trendOf(daily(50, (ago) => passedFact(ago, noisy(5 + (50 - ago) * 0.3))));
      expect(grown.steps).toStrictEqual([]);
    }),
    { numRuns: 30, seed: 1 },
  );
});

test('runs before a step do not affect the forecast', () => {
  const after = daily(20, (ago) =>
    sizedFact(ago, 60e9 + (20 - ago) * 1e9, { environment: { ...ENVIRONMENT, host: 'db-2' } }),
  );
  const alone = madeForecast(after);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 }), (minutes) => {
      const before = minutes.map((one, index) => passedFact(20 + minutes.length - index, one));
      const { step: _step, ...made } = madeForecast([...before, ...after]);
      const { step: _none, ...expected } = alone;
      expect(made).toStrictEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('a drill that usually misses its target already says so', () => {
  const forecast = madeForecast(daily(30, (ago) => passedFact(ago, 35)));
  expect(forecast.crossing).toStrictEqual({ kind: 'now' });
  expect(forecast.sentence).toBe('already usually exceeds its target of 30 min');
});

test('the current target is the one that counts', () => {
  const facts = daily(30, (ago) => passedFact(ago, 10, { context: { ...CONTEXT, rtoMs: 5 * MINUTE_MS } }));
  expect(madeForecast(facts)).toMatchObject({ rtoMs: 30 * MINUTE_MS, crossing: { kind: 'none' } });
});
