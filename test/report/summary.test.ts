import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_TOTALS } from '../../src/record/report-store.ts';
import { axisStart } from '../../src/report/charts/attainment-chart.ts';
import { composeVerdict } from '../../src/report/compose-verdict.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { formatHeadroom, summaryTiles } from '../../src/report/render/summary.ts';
import type { Report, Statement, StatementKind } from '../../src/report/report.ts';
import { mostTelling } from '../../src/report/telling-trends.ts';
import { failedFact, historyOf, inputOf, NOW, passedFact, standingOfDrill } from './facts.ts';

const PERIOD = makeReport(inputOf()).period;
const KINDS: readonly StatementKind[] = [
  'failing',
  'not-drilled',
  'never-drilled',
  'no-proof',
  'above-target',
  'will-miss',
  'slower',
];

describe('the verdict', () => {
  const statement = (kind: StatementKind, index = 0): Statement => ({
    drill: `drill-${index}`,
    tier: 1,
    kinds: [kind],
    text: `drill-${index} is 12 % slower than in the 90 days before`,
  });
  const verdict = (proven: number, count: number, kinds: readonly StatementKind[]) =>
    composeVerdict(proven, count, kinds.map(statement), { trends: new Map(), period: PERIOD });

  test('has at most twenty words, however much there is to say', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KINDS), { maxLength: 400 }), fc.nat(400), (kinds, proven) => {
        const text = verdict(proven, proven + kinds.length, kinds);
        expect(text.split(/\s+/).length).toBeLessThanOrEqual(20);
        expect(text).toMatch(/^(?:All )?\d.* proven recoverable[;.].*\.?$/);
      }),
    );
  });

  test.each([
    [20, 20, [], 'All 20 databases proven recoverable.'],
    [1, 1, [], '1 of 1 database proven recoverable.'],
    [3, 3, ['slower'], 'All 3 databases proven recoverable; drill-0 is 12 % slower than before.'],
    [3, 3, ['slower', 'slower'], 'All 3 databases proven recoverable; 2 recover more slowly.'],
    [3, 3, ['above-target'], 'All 3 databases proven recoverable; drill-0 usually misses its RTO.'],
    [1, 3, ['failing', 'never-drilled'], '1 of 3 databases proven recoverable; 1 failing, 1 never tested.'],
    [1, 4, ['no-proof', 'not-drilled', 'failing'], '1 of 4 databases proven recoverable; 1 failing, 2 without proof.'],
  ] as const)('of %d of %d with %j', (proven, count, kinds, text) => {
    expect(verdict(proven, count, kinds)).toBe(text);
  });
});

describe('the first page', () => {
  const before = {
    ...NO_TOTALS,
    runs: 10,
    judged: 10,
    passed: 9,
    withinRto: 9,
    withRpo: 10,
    withinRpo: 10,
    rightData: 10,
  };
  const report = makeReport(
    inputOf({
      standings: ['orders', 'shop', 'archive'].map((name) => standingOfDrill(name)),
      histories: [
        { ...historyOf([passedFact(40), passedFact(2, 28)]), previous: { ...before, lastVerdict: 'passed' } },
        {
          ...historyOf([passedFact(40, 10, { drill: 'shop' }), failedFact(3, { drill: 'shop' })]),
          previous: { ...before, lastVerdict: 'passed' },
        },
      ],
    }),
  );
  const tile = (label: string, of: Report = report) => summaryTiles(of).find((one) => one.label === label);

  test('compares each number with the period before', () => {
    expect(tile('Proven recoverable')).toMatchObject({ value: '1 of 3', change: '↓ from 2 of 2', tone: 'bad' });
    expect(tile('Failing now')).toMatchObject({ value: '1', change: '↑ from 0', tone: 'bad' });
    expect(tile('Within RTO')).toMatchObject({ value: '50 %', change: '↓ from 90 %', tone: 'bad' });
    expect(tile('Right data')).toMatchObject({ value: '100 %', change: 'unchanged', tone: 'good' });
    expect(tile('Never tested')).toMatchObject({ value: '1', tone: 'bad' });
  });

  test('has nothing to compare with if nothing ran before', () => {
    const first = makeReport(inputOf({ histories: [historyOf([passedFact(2)])] }));
    expect(first.previous).toBeUndefined();
    expect(
      summaryTiles(first)
        .slice(0, 5)
        .map(({ change }) => change),
    ).toEqual(Array(5).fill(undefined));
  });

  test('lists every drill, unproven ones first, with its headroom below the RTO', () => {
    expect(report.drills).toMatchObject([
      { drill: 'shop', result: 'failing' },
      { drill: 'archive', result: 'never', proven: undefined, headroom: undefined },
      { drill: 'orders', result: 'proven', proven: { runId: 'run-2' } },
    ]);
    expect(formatHeadroom(report.drills[2]?.headroom)).toBe('3 %');
    expect(formatHeadroom(-0.124)).toBe('−12 %');
  });

  test('counts a removed drill of the previous period without naming it', () => {
    const removed = {
      ...historyOf([passedFact(40, 10, { drill: 'gone' })]),
      previous: { ...before, lastVerdict: 'passed' as const },
    };
    expect(makeReport(inputOf({ histories: [removed] })).previous).toMatchObject({ drillCount: 1, provenCount: 1 });
  });
});

test('charts the most significant drills: failing, then missing the RTO, then the least headroom', () => {
  const drill = (name: string, minutes: number) =>
    historyOf([passedFact(9, minutes, { drill: name }), passedFact(2, minutes, { drill: name })]);
  const failing = historyOf([
    passedFact(9, 1, { drill: 'zz' }),
    failedFact(1, { drill: 'zz', recoveryTimeMs: 60_000 }),
  ]);
  const report = makeReport(
    inputOf({
      standings: ['a', 'b', 'c', 'zz'].map((name) => standingOfDrill(name)),
      histories: [drill('a', 10), drill('b', 28), drill('c', 20), failing],
    }),
  );
  expect(mostTelling(report, 12).map((trend) => trend.drill)).toEqual(['zz', 'b', 'c', 'a']);
  expect(mostTelling(report, 2).map((trend) => trend.drill)).toEqual(['zz', 'b']);
  expect(report.madeAt).toEqual(NOW);
});

test.each([
  [[1, 0.97], 0.8],
  [[0.8], 0.8],
  [[0.799], 0.6],
  [[0.95, 0.31], 0.2],
  [[0], 0],
  [[undefined], 0.8],
])('the attainment axis starts at 80 %%, or lower if a month is below: %j', (shares, start) => {
  const months = shares.map((share) => ({ passed: { share } }));
  expect(axisStart([{ name: 'All', row: { months } as never }])).toBeCloseTo(start);
});
