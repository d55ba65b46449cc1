import { expect, it } from 'vitest';
import { cleanSvg } from '../../src/report/charts/clean-svg.ts';
import { drawCompactTrend } from '../../src/report/charts/compact-trend.ts';
import { CHART_COLOURS } from '../../src/report/charts/palette.ts';
import { drawRecoveryTrend } from '../../src/report/charts/recovery-chart.ts';
import { bytesScale, durationScale } from '../../src/report/charts/scale.ts';
import { intoSlots } from '../../src/report/charts/slots.ts';
import { drawSparkline } from '../../src/report/charts/sparkline.ts';
import { timeTicks } from '../../src/report/charts/time-ticks.ts';
import { sampleReport } from './sample-report.ts';

const LABEL = { id: 'c', title: 'a <b>', description: 'd' };
const { trends, period } = sampleReport();
const span = { fromMs: period.from.getTime(), toMs: period.to.getTime(), toWallMs: (ms: number) => ms };

function trendOf(name: string) {
  const trend = trends.find(({ drill }) => drill === name);
  if (!trend) throw new Error(`no trend of ${name}`);
  return trend;
}

it('draws without inline styles, so that a strict policy allows it, and with colours for both schemes', () => {
  const svg = drawRecoveryTrend(trendOf('orders'), span, LABEL);
  expect(svg).not.toMatch(/style|script|zr\d|ecmeta|href|url\((?!#c-)/);
  for (const name of ['restore', 'verify', 'forecast', 'size', 'bad', 'slow', 'unknown'])
    expect(svg).toMatch(new RegExp(`class="r-[fs]-${name}"`));
  for (const [, colour] of svg.matchAll(/(?:fill|stroke)="(#[0-9a-f]+)"/g))
    expect(Object.values(CHART_COLOURS).map(({ middle }) => middle)).toContain(colour);
});

it('draws identical output each time, and describes the chart in words', () => {
  const svg = drawRecoveryTrend(trendOf('orders'), span, LABEL);
  expect(drawRecoveryTrend(trendOf('orders'), span, LABEL)).toBe(svg);
  expect(svg).toContain(
    'role="img" aria-labelledby="c-t c-d"><title id="c-t">a &lt;b&gt;</title><desc id="c-d">d</desc>',
  );
});

it('marks a failed run with a cross, a slow one with a triangle, one without a verdict with a ring, and numbers each step', () => {
  const svg = drawRecoveryTrend(trendOf('orders'), span, LABEL);
  const cross = pathsOf(svg, 'r-s-bad').join('');
  expect(cross.match(/l8 8m0 -8l-8 8/g)).toHaveLength(4);
  expect(pathsOf(svg, 'r-s-unknown').join('').match(/a3\.5/g)).toHaveLength(2);
  expect(
    pathsOf(svg, 'r-f-slow')
      .join('')
      .match(/l4\.5 8h-9z/g),
  ).toHaveLength(trendOf('orders').slowRuns.length);
  expect(svg).toMatch(/>1<\/text>/);
});

it('draws a bar for each timed run and nothing for a run without data', () => {
  const svg = drawRecoveryTrend(trendOf('orders'), span, LABEL);
  const timed = trendOf('orders').points.filter(({ recoveryTimeMs }) => recoveryTimeMs !== undefined);
  expect(pathsOf(svg, 'r-f-restore').join('').match(/M/g)).toHaveLength(timed.length);
});

it('says in words that a target is far above, instead of flattening everything else', () => {
  const trend = trendOf('billing');
  const far = { ...trend, points: trend.points.map((point) => ({ ...point, rtoMs: 86_400_000 })) };
  expect(drawRecoveryTrend(far, span, LABEL)).toContain('RTO 24 h, far above');
  expect(drawRecoveryTrend(trend, span, LABEL)).toContain('>RTO 5 min<');
});

it('draws a sparkline', () => {
  const svg = drawSparkline(trendOf('orders'));
  expect(svg).toContain('aria-label="recovery times of orders: median 21 min 9 s, target 30 min"');
  expect(pathsOf(svg, 'r-s-bad').join('').match(/v5/g)).toHaveLength(4);
});

it('draws a small chart with the same marks, whose forecast takes at most 15 % of the width', () => {
  const svg = drawCompactTrend(trendOf('orders'), span, LABEL);
  expect(
    pathsOf(svg, 'r-s-bad')
      .join('')
      .match(/l8 8m0 -8l-8 8/g),
  ).toHaveLength(4);
  expect(svg).toContain('>RTO 30 min<');
  const [band = ''] = pathsOf(svg, 'r-f-forecast');
  const xs = Array.from(band.matchAll(/[ML](-?[\d.]+) /g), ([, x]) => Number(x));
  expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan(0);
  expect(Math.max(...xs) - Math.min(...xs)).toBeLessThanOrEqual(0.16 * 362);
});

it('removes what a charting library adds to its SVG for browsers', () => {
  const drawn =
    '<svg width="9" height="9" xmlns:xlink="x">\n<rect width="9" height="9" x="0" y="0" fill="none"></rect>\n' +
    '<text style="font-size:11px;font-family:sans-serif;font-weight:bold;" xml:space="preserve" fill="#75808d" class="zr7-cls-0">a</text>' +
    '<g clip-path="url(#zr7-c0)"><path d="M0 0" ecmeta_series_index="1" pointer-events="visible" stroke="#3f7ff0"></path></g>' +
    '<style ><![CDATA[.zr7-cls-0:hover{}]]></style>\n</svg>';
  expect(cleanSvg(drawn, 9, 9, LABEL).replace(/^.*<\/desc>/, '')).toBe(
    '<text font-size="11" font-weight="bold" fill="#75808d" class="r-f-text">a</text>' +
      '<g clip-path="url(#c-c0)"><path d="M0 0" stroke="#3f7ff0" class="r-s-restore"/></g></svg>',
  );
});

it.each([
  [900, [0, 200, 400, 600, 800, 1000], '200 ms'],
  [41 * 60_000, [0, 10, 20, 30, 40, 50].map((minutes) => minutes * 60_000), '10 min'],
  [3 * 86_400_000, [0, 1, 2, 3].map((days) => days * 86_400_000), '24 h'],
])('divides an axis of %d ms into familiar steps', (maxMs, ticks, second) => {
  const { max, interval, format } = durationScale(maxMs);
  expect(Array.from({ length: Math.round(max / interval) + 1 }, (_, index) => index * interval)).toEqual(ticks);
  expect(format(interval)).toBe(second);
});

it('divides sizes into round numbers', () => {
  expect(bytesScale(67e9, 2)).toMatchObject({ max: 100e9, interval: 50e9 });
  expect(bytesScale(67e9, 2).format(50e9)).toBe('50 GB');
});

it.each([
  ['minutes', '2026-10-01T20:31:00Z', '2026-10-01T21:01:00Z', ['20:35', '20:40', '20:45', '20:50', '20:55', '21:00']],
  ['hours', '2026-10-01T20:30:00Z', '2026-10-02T05:00:00Z', ['22:00', '2 Oct', '02:00', '04:00']],
  [
    'days',
    '2026-10-01T12:00:00Z',
    '2026-10-08T12:00:00Z',
    ['2 Oct', '3 Oct', '4 Oct', '5 Oct', '6 Oct', '7 Oct', '8 Oct'],
  ],
  ['Mondays', '2026-10-01T00:00:00Z', '2026-10-30T00:00:00Z', ['5 Oct', '12 Oct', '19 Oct', '26 Oct']],
  ['months', '2026-10-15T00:00:00Z', '2027-03-15T00:00:00Z', ['Nov', 'Dec', '2027', 'Feb', 'Mar']],
])('labels a time axis in %s', (_what, from, to, words) => {
  const { atMs, format } = timeTicks(Date.parse(from), Date.parse(to));
  expect(atMs.map(format)).toEqual(words);
});

/** Runs at these hours. */
const runsAt = (...hours: number[]) => hours.map((hour) => ({ at: new Date(hour * 3_600_000) }));
const overDays = (days: number, bucketMs?: number) => ({ fromMs: 0, toMs: days * 86_400_000, widthPx: 676, bucketMs });
const gapsOf = (atMs: readonly number[]) => atMs.slice(1).map((at, index) => at - (atMs[index] ?? at));

it('merges runs that would overlap', () => {
  const points = runsAt(...Array.from({ length: 500 }, (_, index) => index));
  const { barWidth, slots } = intoSlots(points, overDays(90));
  expect(barWidth).toBe(3);
  expect(slots.length).toBeLessThan(500);
  expect(slots.flatMap((slot) => slot.points)).toEqual(points);
  expect(intoSlots(runsAt(0, 0.1, 0.2), overDays(90)).slots).toHaveLength(1);
});

it('draws each nightly run in its own slot, however late one of them started', () => {
  const hours = Array.from({ length: 60 }, (_, day) => day * 24 + ([0.1, 3.5, 23.9, 12][day % 4] ?? 0));
  const { slots } = intoSlots(runsAt(...hours), overDays(90));
  expect(slots.flatMap(({ points }) => points)).toHaveLength(60);
  expect(Math.max(...gapsOf(slots.map(({ atMs }) => atMs)))).toBeLessThanOrEqual(48 * 3_600_000);
});

it.each([90, 130, 180, 400])('draws an uninterrupted series without gaps on an axis of %i days', (days) => {
  const bucketMs = 18 * 3_600_000;
  const buckets = Array.from({ length: 120 }, (_, index) => index * 18 + ([0, 5, 17.9, 9][index % 4] ?? 0));
  const gaps = new Set(gapsOf(intoSlots(runsAt(...buckets), overDays(days, bucketMs)).slots.map(({ atMs }) => atMs)));
  expect(gaps.size).toBe(1);
});

function pathsOf(svg: string, name: string): readonly string[] {
  return Array.from(svg.matchAll(/<path [^>]*>/g), ([tag]) => tag).filter((tag) => tag.includes(`class="${name}"`));
}
