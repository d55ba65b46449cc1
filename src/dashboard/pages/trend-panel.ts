import type { ChartLook } from '../../report/charts/recovery-chart.ts';
import { drawRecoveryChart } from '../../report/charts/recovery-chart.ts';
import type { DrillTrend } from '../../report/read-trend.ts';
import { archiveTrend } from '../../report/render/archive-trend.ts';
import { numbersByMonth } from '../../report/render/trend-numbers.ts';
import type { ReportPeriod } from '../../report/report.ts';
import type { Trend, TrendPoint } from '../../report/report-trend.ts';
import { html, type Markup, nothing, trusted } from '../../support/html.ts';
import { formatInstant } from '../../support/instants.ts';
import { formatBytes, formatDuration } from '../../support/quantities.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { instant, pathOfRun, plural } from '../format.ts';
import { table } from '../table.ts';

/** The chart rendered for desktop, tablet and phone, since text in a scaled-down image would be illegible. */
const LOOKS = {
  wide: { width: 1240, timesHeight: 250, left: 68, ticks: 14, forecastShare: 0.15 },
  middle: { width: 700, timesHeight: 210, left: 64, ticks: 8, forecastShare: 0.15 },
  narrow: { width: 350, timesHeight: 190, left: 56, ticks: 4, forecastShare: 0.15 },
} as const satisfies Record<string, ChartLook>;

/** A drill's recovery times over a period: the chart, its numbers, what changed, and a table by month. */
export function trendPanel({ period, madeAt, months, trend }: DrillTrend): Markup {
  const shown = fromFirstRun(period, madeAt, trend);
  return html`${trend.recovery.count > 0 && html`${legend(trend)}${figure(shown, madeAt, trend)}`}
${tiles(trend)}
${remarks(trend)}
${trend.archive && html`<div class="r-report">${archiveTrend({ period: shown, madeAt }, trend)}</div>`}
<details id="by-month"><summary>By month</summary>${table({
    caption: `${trend.drill} by month`,
    columns: [
      { label: 'Month' },
      { label: 'Runs', kind: 'number' },
      { label: 'Failed', kind: 'number' },
      { label: 'No verdict', kind: 'number' },
      { label: 'Median recovery', kind: 'number' },
      { label: 'Slowest', kind: 'number' },
      { label: 'Last backup', kind: 'number' },
    ],
    rows: numbersByMonth(months, trend).map((month) => [
      month.label,
      month.runs,
      month.failed,
      month.withoutVerdict,
      duration(month.middleMs),
      duration(month.slowestMs),
      month.sizeBytes === undefined ? '–' : formatBytes(month.sizeBytes),
    ]),
  })}</details>`;
}

const MIN_CHART_MS = 1_800_000;

/** The chart starts at the first run; otherwise a day of history would be a sliver of a quarter. */
function fromFirstRun(period: ReportPeriod, madeAt: Date, { points }: Trend): ReportPeriod {
  const firstMs = points[0]?.at.getTime() ?? madeAt.getTime();
  const endMs = Math.min(madeAt.getTime(), period.to.getTime());
  const lengthMs = Math.max(MIN_CHART_MS, 1.04 * (endMs - firstMs));
  return { ...period, from: new Date(Math.max(period.from.getTime(), endMs - lengthMs)) };
}

function figure({ from }: ReportPeriod, madeAt: Date, trend: Trend): Markup {
  const span = {
    fromMs: from.getTime(),
    toMs: Math.max(madeAt.getTime(), from.getTime() + 1),
    toWallMs: (ms: number) => ms,
  };
  const drawn = Object.entries(LOOKS).map(([name, look]) => {
    const label = {
      id: `trend-${name}`,
      title: `Recovery time of ${trend.drill} by stage against its RTO, and the size of the backup`,
      description: describeChart(trend),
    };
    const { svg, positions } = drawRecoveryChart(trend, span, label, look);
    const xs = positions.map((x) => Math.round(x * 10_000) / 100).join(' ');
    return html`<div class="look ${name}" data-xs="${xs}">${trusted(svg)}</div>`;
  });
  const points = JSON.stringify(trend.points.map((point) => [point.runId, ...describePoint(trend, point)]));
  return html`<figure class="trend"><div class="plot" tabindex="0" role="group" aria-label="Recovery times by run. Arrow keys step through the runs, Enter opens one. A table follows." data-points="${points}">${drawn}<div class="cursor" hidden></div><div class="chart-tip" hidden></div></div></figure>`;
}

/** The lines of a point's tooltip: when and how it ended, then its numbers. */
function describePoint({ steps, bucketMs, counts }: Trend, point: TrendPoint): readonly string[] {
  const { at, recoveryTimeMs, rtoMs, outcome, runs, failed, withoutVerdict, sizeBytes, stagesMs } = point;
  const step = steps.find(({ runId }) => runId === point.runId);
  const stages = counts.flatMap((name) => {
    const ms = stagesMs[name];
    return ms ? [`${nameStage(name)} ${formatDuration(ms)}`] : [];
  });
  const several = [
    `median of ${runs} runs`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(withoutVerdict > 0 ? [`${withoutVerdict} without a verdict`] : []),
  ].join(', ');
  return [
    formatInstant(at),
    bucketMs !== undefined && runs > 1 ? several : outcome,
    recoveryTimeMs === undefined
      ? `recovery not measured (RTO ${formatDuration(rtoMs)})`
      : `${formatDuration(recoveryTimeMs)} (RTO ${formatDuration(rtoMs)})`,
    ...(stages.length > 0 ? [stages.join(', ')] : []),
    ...(sizeBytes === undefined ? [] : [`backup ${formatBytes(sizeBytes)}`]),
    ...(step ? [step.sentence] : []),
  ];
}

function describeChart({ recovery, runs, points, rtoMs, forecast, slowRunCount }: Trend): string {
  const failed = points.reduce((sum, point) => sum + point.failed, 0);
  const without = points.reduce((sum, point) => sum + point.withoutVerdict, 0);
  const marks = `${failed} failed, ${without} without a verdict, ${slowRunCount} slower than usual`;
  return `${plural(runs, 'run')}: ${marks}. Median ${duration(recovery.medianMs)}, 95th percentile ${duration(recovery.p95Ms)}, RTO ${duration(rtoMs)}. Forecast: ${forecast.sentence}. A table by month follows.`;
}

/** Legend for the colours and marks used in the chart. */
function legend({ counts, points, slowRunCount, steps, forecast }: Trend): Markup {
  const stages = STAGES.filter((stage) => counts.includes(stage));
  const has = (test: (point: TrendPoint) => boolean) => points.some(test);
  return html`<ul class="legend">${stages.map((stage) => html`<li><span class="key ${stage}"></span>${nameStage(stage)}</li>`)}<li><span class="r-dash r-b-target"></span>RTO at the time</li>${forecast.kind === 'made' && html`<li><span class="r-band r-b-forecast"></span>forecast (90 % range)</li>`}${has(({ failed }) => failed > 0) && html`<li><span class="r-mark r-t-bad" aria-hidden="true">✕</span>failed</li>`}${slowRunCount > 0 && html`<li><span class="r-mark r-t-slow" aria-hidden="true">▲</span>slower than usual</li>`}${has(({ withoutVerdict }) => withoutVerdict > 0) && html`<li><span class="r-mark r-t-unknown" aria-hidden="true">○</span>no verdict</li>`}${steps.length > 0 && html`<li><span class="r-dot" aria-hidden="true">1</span>change, listed below</li>`}<li><span class="r-dash r-b-size"></span>backup size</li></ul>`;
}

function tiles({ recovery, rtoMs, sizeBytes, bytesPerSecond, runs, change, forecast }: Trend): Markup {
  const { medianMs, p95Ms } = recovery;
  const left = p95Ms === undefined ? undefined : Math.round((1 - p95Ms / rtoMs) * 100);
  const tile = (label: string, value: string, sub: string) =>
    html`<div><dt>${label}</dt><dd><span class="value">${value}</span>${sub !== '' && html`<span class="sub">${sub}</span>`}</dd></div>`;
  return html`<dl class="tiles">${tile('Median recovery', duration(medianMs), change.sentence)}${tile('95th percentile', duration(p95Ms), left === undefined ? '' : left >= 0 ? `${left} % below the RTO of ${formatDuration(rtoMs)}` : `${-left} % above the RTO of ${formatDuration(rtoMs)}`)}${tile('Runs', String(runs), `${recovery.count} timed`)}${sizeBytes && tile('Backup size', formatBytes(sizeBytes.last), `${formatBytes(sizeBytes.first)} at the start${bytesPerSecond === undefined ? '' : `; restored at ${formatBytes(Math.round(bytesPerSecond))}/s`}`)}</dl>
<p><strong>Forecast:</strong> ${forecast.sentence}</p>`;
}

function remarks({ steps, slowRuns, slowRunCount }: Trend): Markup {
  const changes =
    steps.length > 0 &&
    html`<h3>Changes in environment</h3><ol class="remarks">${steps.map(({ at, sentence, runId }) => html`<li>${instant(at)}: ${sentence} (<a href="${pathOfRun(runId)}">first run</a>)</li>`)}</ol>`;
  const more = slowRunCount > slowRuns.length ? `, the slowest ${slowRuns.length} of ${slowRunCount}` : '';
  const slow =
    slowRuns.length > 0 &&
    html`<h3>Slower than usual${more}</h3><ul class="remarks">${slowRuns.map(({ at, runId, sentence }) => html`<li>${instant(at)}: ${sentence} (<a href="${pathOfRun(runId)}">run</a>)</li>`)}</ul>`;
  return changes || slow ? html`${changes}${slow}` : nothing;
}

function duration(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDuration(ms);
}
