import { openTimeZone, toWallMs } from '../../schedule/time-zone.ts';
import { html, type Markup, trusted } from '../../support/html.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { drawRecoveryTrend } from '../charts/recovery-chart.ts';
import { drawSparkline } from '../charts/sparkline.ts';
import type { DrillTrend } from '../read-trend.ts';
import type { Report, ReportPeriod } from '../report.ts';
import type { Trend } from '../report-trend.ts';
import { archiveTrend, describeArchiveLags } from './archive-trend.ts';
import { monthlyTable } from './trend-numbers.ts';
import { facts, instant, type RenderOptions, type ReportView, runRef, section, table } from './view.ts';
import { formatMs, formatSize, nameTier, plural, toId } from './vocabulary.ts';

/** The parts of a report view that a trend needs. */
type TrendView = Pick<ReportView, 'options' | 'shown'> & {
  readonly report: Pick<Report, 'period' | 'madeAt'> & { readonly attainment: Pick<Report['attainment'], 'months'> };
};

/** 3: each drill's recovery trend. */
export function trendSection(view: ReportView): Markup {
  const { report, options } = view;
  const { trends } = report;
  const charted = new Set(mostInformative(report).slice(0, options.charts ?? MAX_CHARTS));
  const rest = trends.filter(({ drill }) => !charted.has(drill));
  const period = fromFirstRun(report.period, report.madeAt, trends);
  const charts = { ...view, report: { ...report, period } };
  const body = html`${charted.size > 0 && legend(trends)}
${trends.filter(({ drill }) => charted.has(drill)).map((trend) => trendArticle(charts, trend))}
${rest.length > 0 && restTable(view, rest, charted.size > 0)}
${trends.length === 0 && html`<p>No drill has run in the period.</p>`}`;
  return section('r-trends', 'Recovery times', body);
}

/** Few readers page through more charts than this; the other drills get a sparkline. */
const MAX_CHARTS = 30;

/** Drills with a statement in the headline, in its order, then the others. */
function mostInformative({ headline, trends }: Report): readonly string[] {
  const known = new Set(trends.map(({ drill }) => drill));
  return [...new Set([...headline.statements.map(({ drill }) => drill).filter((drill) => known.has(drill)), ...known])];
}

function trendArticle(view: ReportView, trend: Trend): Markup {
  const { drill, tier, owner } = trend;
  const id = toId(drill);
  return html`<article class="r-trend" aria-labelledby="r-t-${id}"><h3 id="r-t-${id}">${drill}<span class="r-sub">${nameTier(tier)}${owner !== undefined && `, ${owner}`}</span></h3>
${trendOf(view, trend)}</article>
`;
}

/** The same for a drill's own page, which has its own heading and {@link REPORT_CSS}. */
export function renderTrend({ period, madeAt, months, trend }: DrillTrend, options: RenderOptions): Markup {
  const report = { period: fromFirstRun(period, madeAt, [trend]), madeAt, attainment: { months } };
  const view = { report, options, shown: new Set<string>() };
  return html`<div class="r-report r-trend">${legend([trend])}${trendOf(view, trend)}</div>`;
}

const MIN_CHART_MS = 1_800_000;

/** Charts begin at the first run: otherwise a day of history would be a sliver of a quarter. */
function fromFirstRun(period: ReportPeriod, madeAt: Date, trends: readonly Trend[]): ReportPeriod {
  const firstMs = Math.min(...trends.flatMap(({ points }) => points[0]?.at.getTime() ?? []), madeAt.getTime());
  const endMs = Math.min(madeAt.getTime(), period.to.getTime());
  const lengthMs = Math.max(MIN_CHART_MS, 1.04 * (endMs - firstMs));
  return { ...period, from: new Date(Math.max(period.from.getTime(), endMs - lengthMs)) };
}

function trendOf(view: TrendView, trend: Trend): Markup {
  const { recovery, sizeBytes, bytesPerSecond, change, runs } = trend;
  return html`${recovery.count > 0 && chart(view, trend)}
${facts([
  ['Runs', `${runs}, ${recovery.count} timed`],
  ['Recovery, median', formatMs(recovery.medianMs)],
  ['Recovery, 95th percentile', formatMs(recovery.p95Ms)],
  ['Target', formatMs(trend.rtoMs)],
  ['Change', change.sentence],
  ['Backup', sizeBytes && `${formatSize(sizeBytes.first)} → ${formatSize(sizeBytes.last)}`],
  ['Log archive', trend.archive && describeArchiveLags(trend.archive)],
  ['Restored at', bytesPerSecond !== undefined && `${formatSize(bytesPerSecond)}/s`],
  ['Forecast', trend.forecast.sentence],
])}
${trend.steps.length > 0 && html`<p class="r-label">Changes in environment (numbers in the chart)</p><ol class="r-list">${trend.steps.map(({ at, sentence }) => html`<li>${instant(view, at)}: ${sentence}</li>`)}</ol>`}
${trend.slowRuns.length > 0 && slowRuns(view, trend)}
${archiveTrend(view.report, trend)}
${monthlyTable(view.report.attainment.months, trend)}`;
}

function slowRuns(view: TrendView, { slowRuns: runs, slowRunCount }: Trend): Markup {
  const more = slowRunCount > runs.length ? `, the slowest ${runs.length} of ${slowRunCount}` : '';
  return html`<p class="r-label">Slower than usual${more}</p><ul class="r-list">${runs.map(({ at, runId, sentence }) => html`<li>${instant(view, at)} ${sentence} (${runRef(view, runId)})</li>`)}</ul>`;
}

function chart({ report }: TrendView, trend: Trend): Markup {
  const { from, to, zone: name } = report.period;
  const zone = openTimeZone(name);
  const toMs = Math.min(to.getTime(), Math.max(report.madeAt.getTime(), from.getTime() + 1));
  const span = { fromMs: from.getTime(), toMs, toWallMs: (ms: number) => toWallMs(zone, ms) };
  const svg = drawRecoveryTrend(trend, span, {
    id: `r-c-${toId(trend.drill)}`,
    title: `Recovery time of ${trend.drill} by stage against its target, and the size of the backup`,
    description: describe(trend),
  });
  return html`<figure class="r-figure"><div class="r-scroll" tabindex="0" role="group" aria-label="Chart: recovery time of ${trend.drill}">${trusted(svg)}</div></figure>`;
}

function describe({ recovery, runs, points, rtoMs, forecast, slowRunCount }: Trend): string {
  const failed = points.reduce((sum, point) => sum + point.failed, 0);
  const without = points.reduce((sum, point) => sum + point.withoutVerdict, 0);
  const marks = `${failed} failed, ${without} without a verdict, ${slowRunCount} slower than usual`;
  return `${plural(runs, 'run')}: ${marks}. Median ${formatMs(recovery.medianMs)}, 95th percentile ${formatMs(recovery.p95Ms)}, target ${formatMs(rtoMs)}. Forecast: ${forecast.sentence}. A table by month follows.`;
}

/** The meaning of the colours and marks in all charts. */
function legend(trends: readonly Trend[]): Markup {
  const counted = STAGES.filter((stage) => trends.some(({ counts }) => counts.includes(stage)));
  const stages = counted.map((stage) => html`<li><span class="r-key r-b-${stage}"></span>${nameStage(stage)}</li>`);
  return html`<ul class="r-legend">${stages}<li><span class="r-dash r-b-target"></span>target at the time</li><li><span class="r-band r-b-forecast"></span>forecast (90 % range)</li><li><span class="r-mark r-t-bad" aria-hidden="true">✕</span>failed</li><li><span class="r-mark r-t-slow" aria-hidden="true">▲</span>slower than usual</li><li><span class="r-mark r-t-unknown" aria-hidden="true">○</span>no verdict</li><li><span class="r-dash r-b-size"></span>backup size, below</li></ul>`;
}

function restTable(view: ReportView, trends: readonly Trend[], isRest: boolean): Markup {
  return table<Trend>(
    isRest ? 'Other drills' : 'Drills',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Recovery against target', cell: (trend) => trusted(drawSparkline(trend)) },
      { head: 'Tier', cell: ({ tier }) => tier ?? '–', isNumber: true },
      { head: 'Runs', cell: ({ runs }) => runs, isNumber: true },
      { head: 'Median', cell: ({ recovery }) => formatMs(recovery.medianMs), isNumber: true },
      { head: '95th percentile', cell: ({ recovery }) => formatMs(recovery.p95Ms), isNumber: true },
      { head: 'Target', cell: ({ rtoMs }) => formatMs(rtoMs), isNumber: true },
      { head: 'Newest run', cell: ({ points }) => newestOf(view, points) },
      { head: 'Change', cell: ({ change }) => change.sentence },
    ],
    trends,
  );
}

function newestOf(view: ReportView, points: Trend['points']): Markup {
  const newest = points.at(-1);
  return newest ? runRef(view, newest.runId) : html`–`;
}
