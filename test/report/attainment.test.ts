import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunFigures } from '../../src/record/report-store.ts';
import { makeReport } from '../../src/report/make-report.ts';
import {
  brokenFact,
  CONTEXT,
  DAY_MS,
  daysAgo,
  failedFact,
  historyOf,
  inputOf,
  MINUTE_MS,
  NOW,
  passedFact,
} from './facts.ts';

test('runs are compared with RTO, RPO and correct data separately', () => {
  const facts = [
    passedFact(9),
    failedFact(8),
    passedFact(7, 10, { outcome: 'failed', reasons: ['stale-backup'], dataLossMs: 27 * 3_600_000 }),
    passedFact(6, 10, { outcome: 'failed', reasons: ['wrong-data'] }),
    passedFact(5, 10, { outcome: 'failed', reasons: ['unrestorable'], recoveryTimeMs: undefined }),
    passedFact(4, 10, {
      outcome: 'failed',
      reasons: ['missing-backup'],
      recoveryTimeMs: undefined,
      dataLossMs: undefined,
    }),
    passedFact(3, 10, { context: { ...CONTEXT, rpoMs: undefined } }),
  ];
  const { total } = makeReport(inputOf({ histories: [historyOf(facts)] })).attainment.all;
  expect(total.runs).toBe(7);
  expect(total.passed).toMatchObject({ attained: 2, missed: 5 });
  expect(total.rto).toMatchObject({ attained: 4, missed: 3 });
  expect(total.rpo).toMatchObject({ attained: 4, missed: 2 });
  expect(total.data).toMatchObject({ attained: 4, missed: 3 });
});

test('a recovery that takes exactly its target meets it', () => {
  const exact = passedFact(3, 10, { recoveryTimeMs: CONTEXT.rtoMs });
  const over = passedFact(2, 10, { recoveryTimeMs: CONTEXT.rtoMs + 0.01 });
  const report = makeReport(inputOf({ histories: [historyOf([exact, over])] }));
  expect(report.attainment.all.total.rto).toMatchObject({ attained: 1, missed: 1, share: 0.5 });
});

test('runs without a verdict are neither met nor missed, but are shown', () => {
  const outcome = fc.constantFrom<RunFigures['outcome']>('passed', 'failed', 'errored', 'interrupted');
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 60 }), (outcomes) => {
      const facts = outcomes.map((one, index) => {
        const ago = 29 - index / 3;
        if (one === 'passed') return passedFact(ago);
        return one === 'failed' ? failedFact(ago) : brokenFact(ago, one);
      });
      const { all, tiers, months } = makeReport(inputOf({ histories: [historyOf(facts)] })).attainment;
      const count = (wanted: string) => outcomes.filter((one) => one === wanted).length;
      expect(all.total).toMatchObject({
        runs: outcomes.length,
        errored: count('errored'),
        interrupted: count('interrupted'),
      });
      for (const measure of ['passed', 'rto', 'rpo', 'data'] as const) {
        const { attained, missed } = all.total[measure];
        expect(attained + missed).toBe(count('passed') + count('failed'));
        const ofMonths = all.months.reduce((sum, month) => sum + month[measure].attained, 0);
        expect(ofMonths).toBe(attained);
        expect(tiers.reduce((sum, { total }) => sum + total[measure].missed, 0)).toBe(missed);
      }
      expect(all.months).toHaveLength(months.length);
    }),
    { numRuns: 50 },
  );
});

test('the error budget follows from the target share, and can be exceeded', () => {
  const facts = Array.from({ length: 20 }, (_, index) => (index < 2 ? failedFact(20 - index) : passedFact(20 - index)));
  const { rto } = makeReport(inputOf({ histories: [historyOf(facts)] })).attainment.all.total;
  expect(rto.share).toBe(0.9);
  expect(rto.budget.allowed).toBeCloseTo(1);
  expect(rto.budget.spent).toBe(2);
  expect(rto.budget.remainingShare).toBeCloseTo(-1);
  const strict = makeReport(inputOf({ histories: [historyOf(facts)], options: { targetShare: 1 } }));
  expect(strict.attainment.all.total.rto.budget).toStrictEqual({ allowed: 0, spent: 2, remainingShare: undefined });
});

test('a budget that is spent exactly is not exceeded, at any target share', () => {
  const facts = Array.from({ length: 9 }, (_, index) => passedFact(index + 2));
  const report = makeReport(
    inputOf({ histories: [historyOf([...facts, failedFact(1)])], options: { targetShare: 0.9 } }),
  );
  expect(report.attainment.all.total.passed.budget).toStrictEqual({ allowed: 1, spent: 1, remainingShare: 0 });
});

test('a run is compared with its objective and tier at the time, and changes are listed', () => {
  const tight = { ...CONTEXT, tier: 2, rtoMs: 5 * MINUTE_MS };
  const facts = [
    passedFact(31, 10, { context: tight }),
    passedFact(20, 10, { context: tight }),
    passedFact(10),
    passedFact(5),
  ];
  const { all, tiers, objectiveChanges } = makeReport(inputOf({ histories: [historyOf(facts)] })).attainment;
  expect(all.total.rto).toMatchObject({ attained: 2, missed: 1 });
  expect(tiers.map(({ tier, total }) => [tier, total.rto.attained, total.rto.missed])).toStrictEqual([
    [1, 2, 0],
    [2, 0, 1],
  ]);
  expect(objectiveChanges).toStrictEqual([
    { drill: 'orders', at: daysAgo(10), objective: 'rto', fromMs: 5 * MINUTE_MS, toMs: 30 * MINUTE_MS },
  ]);
});

test('months follow the time zone, and are an hour shorter or longer when clocks change', () => {
  const period = {
    from: new Date('2026-02-28T23:00:00Z'),
    to: new Date('2026-11-30T23:00:00Z'),
    zone: 'Europe/Berlin',
  };
  const at = (iso: string) => ({ startedMs: Date.parse(iso) });
  const facts = [
    passedFact(0, 1, at('2026-03-31T21:59:59Z')),
    passedFact(0, 1, at('2026-03-31T22:00:00Z')),
    passedFact(0, 1, at('2026-10-31T22:59:59Z')),
    passedFact(0, 1, at('2026-10-31T23:00:00Z')),
  ];
  const { period: described, attainment } = makeReport(inputOf({ period, histories: [historyOf(facts)] }));
  const hours = attainment.months.map(({ key, from, to }) => [key, (to.getTime() - from.getTime()) / 3_600_000]);
  expect(hours[0]).toStrictEqual(['2026-03', 31 * 24 - 1]);
  expect(hours[7]).toStrictEqual(['2026-10', 31 * 24 + 1]);
  expect(attainment.months.some(({ isPartial }) => isPartial)).toBe(false);
  expect(attainment.all.months.map(({ runs }) => runs)).toStrictEqual([1, 1, 0, 0, 0, 0, 0, 1, 1]);
  expect(described.label).toBe('from March 2026 to November 2026 so far');
});

test('a period other than a whole month marks its partial months', () => {
  const { attainment, period } = makeReport(inputOf({ period: { from: daysAgo(30), to: NOW, zone: 'UTC' } }));
  expect(attainment.months.map(({ label, isPartial }) => [label, isPartial])).toStrictEqual([
    ['October 2026', true],
    ['November 2026', true],
  ]);
  expect(period).toMatchObject({ label: 'in the last 30 days', previous: { label: 'in the 30 days before' } });
  expect(period.previous.from).toStrictEqual(new Date(daysAgo(60)));
  expect(period.from.getTime() - period.previous.from.getTime()).toBe(30 * DAY_MS);
});

test.for([
  ['2026-10-01', '2026-11-01', 'in October 2026', 'in September'],
  ['2026-01-01', '2026-02-01', 'in January 2026', 'in December 2025'],
  ['2026-07-01', '2026-10-01', 'in the third quarter of 2026', 'in the second quarter of 2026'],
  ['2025-01-01', '2026-01-01', 'in 2025', 'in 2024'],
  ['2026-11-01', '2026-12-01', 'in November 2026 so far', 'in October'],
  ['2026-10-03', '2026-10-20', 'from 3 October 2026 to 19 October 2026', 'in the 17 days before'],
] as const)('the period from %s to %s is called %s, and the one before %s', ([from, to, label, previous]) => {
  const period = { from: new Date(from), to: new Date(to), zone: 'UTC' };
  const report = makeReport(inputOf({ period }));
  expect([report.period.label, report.period.previous.label]).toStrictEqual([label, previous]);
});
