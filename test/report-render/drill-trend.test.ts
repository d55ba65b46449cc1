import { expect, it } from 'vitest';
import type { DrillTrend } from '../../src/report/read-trend.ts';
import { renderFragment } from '../../src/report/render/render-html.ts';
import { renderTrend } from '../../src/report/render/trend-section.ts';
import { sampleReport } from './sample-report.ts';

const HOUR_MS = 3_600_000;
const { trends, period, madeAt, attainment } = sampleReport();

function trendOf(drill: string, firstMs?: number): DrillTrend {
  const trend = trends.find((one) => one.drill === drill);
  if (!trend) throw new Error(`no trend of ${drill}`);
  const points = firstMs === undefined ? trend.points : trend.points.map((one) => ({ ...one, at: new Date(firstMs) }));
  return { period, madeAt, months: attainment.months, trend: { ...trend, points } };
}

const ticksOf = (page: object) =>
  [...String(page).matchAll(/<text[^>]*>(\d\d:\d\d|\d+ \w{3}|\w{3})<\/text>/g)].map(([, text]) => text);

it('shows the same as the report does for a drill, with the forecast in words and links to runs', () => {
  const { trend } = trendOf('orders');
  const page = String(renderTrend(trendOf('orders'), { runHref: (id) => `/runs/${id}` }));
  expect(page).toContain(trend.forecast.sentence);
  expect(page).toContain('<dt>Target</dt>');
  expect(page).toContain('class="r-f-forecast"');
  for (const { runId } of trend.slowRuns) expect(page).toContain(`href="/runs/${runId}"`);
});

it('shows how far the log archive was behind, against the RPO', () => {
  const drawn = trendOf('orders');
  expect(String(renderTrend(drawn, {}))).not.toContain('Lag of the log archive');
  const lag = { lastMs: 120_000, medianMs: 90_000, largestMs: 540_000 };
  const points = drawn.trend.points.map((point) => ({
    ...point,
    archiveLagMs: 120_000,
    dataLossMs: 180_000,
    rpoMs: 600_000,
  }));
  const archive = { file: lag, commit: { ...lag, lastMs: 180_000 } };
  const page = String(renderTrend({ ...drawn, trend: { ...drawn.trend, points, archive } }, {}));
  expect(page).toContain(
    'newest file 2 min behind in the last run (median 1 min 30 s, largest 9 min); newest commit 3 min behind',
  );
  const [, chart = ''] = page.match(/<svg[^>]*class="r-chart[\s\S]*?<\/svg>/g) ?? [];
  expect(chart).toContain('RPO 10 min');
  for (const mark of ['r-s-size', 'r-s-restore', 'r-s-target']) expect(chart).toContain(mark);
});

it('starts its chart at the beginning of the history, since an hour would be a sliver of 90 days', () => {
  const whole = ticksOf(renderTrend(trendOf('orders'), {}));
  const young = ticksOf(renderTrend(trendOf('orders', madeAt.getTime() - 10 * HOUR_MS), {}));
  expect(whole.filter((text) => text?.includes(':'))).toEqual([]);
  expect(young.filter((text) => text?.includes(':')).length).toBeGreaterThan(3);
});

it('starts the charts of a report at the oldest run of all its drills', () => {
  const report = sampleReport();
  const at = (hoursAgo: number) => new Date(madeAt.getTime() - hoursAgo * HOUR_MS);
  const young = report.trends.map((trend, index) => ({
    ...trend,
    points: trend.points.map((point) => ({ ...point, at: at(index + 5) })),
  }));
  const charts =
    String(renderFragment({ ...report, trends: young })).match(/<svg[^>]*class="r-chart[\s\S]*?<\/svg>/g) ?? [];
  const recovery = charts
    .filter((svg) => svg.includes('Recovery time of'))
    .map((svg) => ticksOf({ toString: () => svg }).filter((text) => text?.includes(':')));
  expect(recovery.length).toBeGreaterThan(1);
  expect(Math.max(...recovery.map(({ length }) => length))).toBeGreaterThan(3); // a forecast makes some charts longer
});
