import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunFigures } from '../../src/record/report-store.ts';
import { makeReport } from '../../src/report/make-report.ts';
import type { Trend } from '../../src/report/report-trend.ts';
import { falseDiscoveryLimit, mannWhitney } from '../../src/report/statistics.ts';
import { makeRandom } from '../bench/schedule/random.ts';
import {
  brokenFact,
  CONTEXT,
  daysAgo,
  ENVIRONMENT,
  failedFact,
  historyOf,
  inputOf,
  MINUTE_MS,
  passedFact,
  standingOfDrill,
} from './facts.ts';

function trendOf(facts: readonly RunFigures[], options = {}): Trend {
  const [trend] = makeReport(inputOf({ histories: [historyOf(facts)], options })).trends;
  if (!trend) throw new Error('there is no trend');
  return trend;
}

test('each run is a point with its stages, target at the time, size and outcome', () => {
  const facts = [passedFact(40), passedFact(20), failedFact(10), brokenFact(5)];
  const trend = trendOf(facts);
  expect(trend.points.map(({ runId, outcome }) => [runId, outcome])).toStrictEqual([
    ['run-20', 'passed'],
    ['run-10', 'failed'],
    ['run-5', 'errored'],
  ]);
  const [point, , broken] = trend.points;
  expect(point).toMatchObject({
    recoveryTimeMs: 11 * MINUTE_MS,
    rtoMs: 30 * MINUTE_MS,
    sizeBytes: 60e9,
    runs: 1,
    failed: 0,
  });
  expect(point?.stagesMs).toStrictEqual({
    locate: 1000,
    plan: 1000,
    provision: 8000,
    restore: 10 * MINUTE_MS,
    verify: 50_000,
  });
  expect(broken).toMatchObject({ recoveryTimeMs: undefined, withoutVerdict: 1 });
  expect(trend).toMatchObject({ runs: 3, bucketMs: undefined, rtoMs: 30 * MINUTE_MS });
  expect(trend.recovery).toStrictEqual({ count: 2, medianMs: 26.5 * MINUTE_MS, p95Ms: 40.45 * MINUTE_MS });
});

test('the lag of a log archive is shown for runs that replayed one, and a group shows its largest', () => {
  const archived = (ago: number, archiveLagMs: number, dataLossMs?: number) =>
    passedFact(ago, 10, { archiveLagMs, dataLossMs });
  const facts = [passedFact(20), archived(10, 60_000, 90_000), archived(9, 540_000), archived(8, 120_000, 150_000)];
  const { archive, points } = trendOf(facts);
  expect(archive).toStrictEqual({
    file: { lastMs: 120_000, medianMs: 120_000, largestMs: 540_000 },
    commit: { lastMs: 150_000, medianMs: 120_000, largestMs: 150_000 },
  });
  expect(points.map(({ archiveLagMs, dataLossMs }) => [archiveLagMs, dataLossMs])).toStrictEqual([
    [undefined, undefined],
    [60_000, 90_000],
    [540_000, undefined],
    [120_000, 150_000],
  ]);
  const [grouped] = trendOf(facts, { pointsPerDrill: 1 }).points;
  expect(grouped).toMatchObject({ archiveLagMs: 540_000, dataLossMs: 150_000, rpoMs: CONTEXT.rpoMs });
  expect(trendOf([passedFact(20)]).archive).toBeUndefined();
});

test('too many runs are grouped: a real median run, the slowest, and the number of failures', () => {
  const facts = Array.from({ length: 300 }, (_, index) => {
    const ago = 29.95 - index / 10;
    return index === 155 ? failedFact(ago) : passedFact(ago, 10 + (index % 10));
  });
  const trend = trendOf(facts, { pointsPerDrill: 30 });
  expect(trend.points.length).toBeLessThanOrEqual(31);
  expect(trend.points.reduce((sum, { runs }) => sum + runs, 0)).toBe(300);
  expect(trend.points.reduce((sum, { failed }) => sum + failed, 0)).toBe(1);
  const worst = trend.points.find(({ failed }) => failed > 0);
  expect(worst).toMatchObject({ outcome: 'failed', slowestMs: 42 * MINUTE_MS });
  for (const { stagesMs, recoveryTimeMs } of trend.points) {
    const sum = Object.values(stagesMs).reduce((total, ms) => total + ms, 0);
    expect(sum).toBeCloseTo(recoveryTimeMs ?? 0);
  }
});

test('a day with very many runs does not empty the rest of a trend of nightly runs', () => {
  const nightly = Array.from({ length: 30 }, (_, index) => passedFact(29.9 - index - (index % 3) / 10));
  const hectic = Array.from({ length: 12 }, (_, index) => passedFact(20.5 - index / 100));
  const facts = [...nightly, ...hectic].toSorted((a, b) => a.startedMs - b.startedMs);
  const { points, bucketMs = 0 } = trendOf(facts, { pointsPerDrill: 40 });
  const at = points.map((point) => Math.floor((point.at.getTime() - daysAgo(30).getTime()) / bucketMs));
  expect(points.reduce((sum, { runs }) => sum + runs, 0)).toBe(42);
  expect(at.slice(1).filter((bucket, index) => bucket - (at[index] ?? 0) > 1)).toEqual([]);
});

test('a change is marked as significant or noise', () => {
  const random = makeRandom(7);
  const series = (factor: number) =>
    Array.from({ length: 60 }, (_, index) => {
      const ago = 59.5 - index;
      return passedFact(ago, (ago < 30 ? factor : 1) * 10 * (1 + 0.1 * (random() - 0.5)));
    });
  const slower = trendOf(series(1.12)).change;
  expect(slower).toMatchObject({ kind: 'compared', isMoreThanNoise: true, before: { count: 30 } });
  expect(slower.sentence).toMatch(/^1[01] % slower than in the 30 days before/);
  expect(trendOf(series(1)).change).toMatchObject({ kind: 'compared', isMoreThanNoise: false });
  expect(trendOf(series(0.8)).change).toMatchObject({ isMoreThanNoise: true, ratio: expect.closeTo(0.82, 1) });
});

test('a difference below 3 % is ignored, however significant', () => {
  const facts = Array.from({ length: 60 }, (_, index) => passedFact(59.5 - index, index < 30 ? 10 : 10.2));
  const { change } = trendOf(facts);
  expect(change).toMatchObject({ kind: 'compared', isMoreThanNoise: false });
  expect(change.kind === 'compared' && change.pValue).toBeLessThan(1e-6);
});

test('too few runs on either side are not compared', () => {
  const facts = Array.from({ length: 37 }, (_, index) => passedFact(36.5 - index));
  expect(trendOf(facts).change).toStrictEqual({
    kind: 'unknown',
    sentence: 'needs 8 timed runs per period (has 7 in the 30 days before)',
  });
});

test('a change is shown with what else changed', () => {
  const facts = Array.from({ length: 60 }, (_, index) => {
    const environment = index < 30 ? ENVIRONMENT : { ...ENVIRONMENT, host: 'db-2' };
    return passedFact(59.5 - index, index < 30 ? 10 : 14, { environment });
  });
  expect(trendOf(facts).change.sentence).toBe('36 % slower than in the 30 days before; host db-1 → db-2');
});

test('none of two hundred unchanged drills is reported as slower', () => {
  const random = makeRandom(3);
  const names = Array.from({ length: 200 }, (_, index) => `drill-${index}`);
  const histories = names.map((drill) =>
    historyOf(
      Array.from({ length: 60 }, (_, index) => passedFact(59.5 - index, 10 * (1 + 0.4 * (random() - 0.5)), { drill })),
    ),
  );
  const { trends, headline } = makeReport(
    inputOf({ histories, standings: names.map((name) => standingOfDrill(name)) }),
  );
  expect(trends).toHaveLength(200);
  expect(trends.some(({ change }) => change.kind === 'compared' && change.pValue < 0.05)).toBe(true);
  expect(trends.filter(({ change }) => change.kind === 'compared' && change.isMoreThanNoise)).toStrictEqual([]);
  expect(headline.text).toBe('All 200 databases proven recoverable.');
});

test('a slow run is marked, with the stage responsible', () => {
  const usual = (ago: number) => passedFact(ago, 10 + (ago % 3) / 10);
  const slow = [
    passedFact(12, 15, { sizeBytes: 60e9 }),
    passedFact(8, 16, { sizeBytes: 96e9 }),
    passedFact(4, 10, { recoveryTimeMs: 18 * MINUTE_MS, stagesMs: { ...usual(4).stagesMs, verify: 7.9 * MINUTE_MS } }),
  ];
  const facts = Array.from(
    { length: 40 },
    (_, index) => slow.find(({ runId }) => runId === `run-${40 - index}`) ?? usual(40 - index),
  );
  const { slowRuns, slowRunCount } = trendOf(facts);
  expect(slowRunCount).toBe(3);
  expect(slowRuns.map(({ runId, stage }) => [runId, stage])).toStrictEqual([
    ['run-12', 'restore'],
    ['run-8', 'restore'],
    ['run-4', 'verify'],
  ]);
  expect(slowRuns[0]?.sentence).toBe(
    '16 min, usually 11 min 6 s: restore took 4 min 54 s longer, at 66.7 MB/s instead of 99.0 MB/s',
  );
  expect(slowRuns[1]?.sentence).toContain('with 96.0 GB instead of 60.0 GB');
  expect(slowRuns[2]?.sentence).toContain('verify took 7 min 4 s longer');
});

test('the stages of a trend are those included in the objective, in order', () => {
  const context = { ...CONTEXT, counts: ['restore', 'locate'] as const };
  expect(trendOf([passedFact(1, 10, { context })]).counts).toStrictEqual(['locate', 'restore']);
});

test('the rank test matches published tables', () => {
  // U = 3 for 8 and 8 values: p = 0.001 in tables of the exact test, two-sided.
  const one = [1, 2, 3, 4, 5, 6, 7, 11];
  const other = [8, 9, 10, 12, 13, 14, 15, 16];
  expect(mannWhitney(one, other)).toBeGreaterThan(0.001);
  expect(mannWhitney(one, other)).toBeLessThan(0.004);
  expect(mannWhitney(one, one)).toBeCloseTo(1);
  expect(mannWhitney([5, 5, 5], [5, 5])).toBe(1);
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.array(fc.integer(), { minLength: 1 }), (a, b) => {
      expect(mannWhitney(a, b)).toBeCloseTo(mannWhitney(b, a), 6);
    }),
  );
});

test('several tests are corrected for multiple comparisons', () => {
  expect(falseDiscoveryLimit([0.001, 0.04, 0.03, 0.5], 0.05)).toBe(0.001);
  expect(falseDiscoveryLimit([0.03, 0.04], 0.05)).toBe(0.04);
  expect(falseDiscoveryLimit([0.2, 0.9], 0.05)).toBeLessThan(0);
  expect(falseDiscoveryLimit([], 0.05)).toBeLessThan(0);
});

test('runs from before the plan stage existed are not compared with later ones, and get no such stage', () => {
  const context = { ...CONTEXT, counts: ['locate', 'provision', 'restore', 'verify'] as const };
  const facts = Array.from({ length: 40 }, (_, index) => {
    const isOld = index < 20;
    const { stagesMs } = passedFact(1);
    const old = { context, stagesMs: { ...stagesMs, plan: undefined, 'image-pull': undefined } };
    return passedFact(39.5 - index, isOld ? 10 : 14, isOld ? old : {});
  });
  const trend = trendOf(facts);
  expect(trend.slowRunCount).toBe(0);
  expect(trend.steps.map(({ sentence }) => sentence)).toEqual(['recovery time counted with plan']);
  expect(trend.points[0]?.stagesMs).not.toHaveProperty('plan');
  expect(trend.points.at(-1)?.stagesMs).toHaveProperty('plan');
});
