import { openTimeZone, toWallMs } from '../../schedule/time-zone.ts';
import { html, type Markup, trusted } from '../../support/html.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { drawRecoveryTrend } from '../charts/recovery-chart.ts';
import type { DrillTrend } from '../read-trend.ts';
import type { Report, ReportPeriod } from '../report.ts';
import type { Trend } from '../report-trend.ts';
import { archiveTrend, describeArchiveLags } from './archive-trend.ts';
import { monthlyTable } from './trend-numbers.ts';
import { facts, instant, type RenderOptions, type ReportView, runRef } from './view.ts';
import { formatMs, formatSize, plural, toId } from './vocabulary.ts';

/** The parts of a report view that a trend needs. */
type TrendView = Pick<ReportView, 'options' | 'shown'> & {
  readonly report: Pick<Report, 'period' | 'madeAt'> & { readonly attainment: Pick<Report['attainment'], 'months'> };
};

/** A drill's recovery trend for its own page, which has its own heading and {@link REPORT_CSS}. */
export function renderTrend({ period, madeAt, months, trend }: DrillTrend, options: RenderOptions): Markup {
  const report = { period: chartPeriod(period, madeAt, [trend]), madeAt, attainment: { months } };
  const view = { report, options, shown: new Set<string>() };
  return html`<div class="r-report r-trend">${trendLegend([trend], true)}${trendOf(view, trend)}</div>`;
}

const MIN_CHART_MS = 1_800_000;

/** Charts begin at the first run: otherwise a day of history would be a sliver of a quarter. */
export function chartPeriod(period: ReportPeriod, madeAt: Date, trends: readonly Trend[]): ReportPeriod {
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
    description: describeTrendChart(trend),
  });
  return html`<figure class="r-figure"><div class="r-scroll" tabindex="0" role="group" aria-label="Chart: recovery time of ${trend.drill}">${trusted(svg)}</div></figure>`;
}

/** The chart described in words. */
export function describeTrendChart({ recovery, runs, points, rtoMs, forecast, slowRunCount }: Trend): string {
  const failed = points.reduce((sum, point) => sum + point.failed, 0);
  const without = points.reduce((sum, point) => sum + point.withoutVerdict, 0);
  const marks = `${failed} failed, ${without} without a verdict, ${slowRunCount} slower than usual`;
  return `${plural(runs, 'run')}: ${marks}. Median ${formatMs(recovery.medianMs)}, 95th percentile ${formatMs(recovery.p95Ms)}, target ${formatMs(rtoMs)}. Forecast: ${forecast.sentence}. A table by month follows.`;
}

/** The meaning of the colours and marks in all charts. */
export function trendLegend(trends: readonly Trend[], hasSize = false): Markup {
  const counted = STAGES.filter((stage) => trends.some(({ counts }) => counts.includes(stage)));
  const stages = counted.map((stage) => html`<li><span class="r-key r-b-${stage}"></span>${nameStage(stage)}</li>`);
  return html`<ul class="r-legend">${stages}<li><span class="r-dash r-b-target"></span>target at the time</li><li><span class="r-band r-b-forecast"></span>forecast (90 % range)</li><li><span class="r-mark r-t-bad" aria-hidden="true">✕</span>failed</li><li><span class="r-mark r-t-slow" aria-hidden="true">▲</span>slower than usual</li><li><span class="r-mark r-t-unknown" aria-hidden="true">○</span>no verdict</li>${hasSize && html`<li><span class="r-dash r-b-size"></span>backup size, below</li>`}</ul>`;
}
