import { openTimeZone, toWallMs } from '../../schedule/time-zone.ts';
import { html, type Markup, trusted } from '../../support/html.ts';
import { drawCompactTrend } from '../charts/compact-trend.ts';
import type { Trend } from '../report-trend.ts';
import { MAX_TRENDS, mostTelling, TELLING_RULE } from '../telling-trends.ts';
import { describeArchiveLags } from './archive-trend.ts';
import { chartPeriod, describeTrendChart, trendLegend } from './trend-section.ts';
import { instant, type ReportView, runAt, section } from './view.ts';
import { formatMs, formatSize, nameTier, toId } from './vocabulary.ts';

/** The recovery times of the most informative drills. */
export function trendsSection(view: ReportView): Markup {
  const { trends, drills } = view.report;
  const shown = mostTelling(view.report, view.options.charts ?? MAX_TRENDS);
  const period = chartPeriod(view.report.period, view.report.madeAt, shown);
  const charts = { ...view, report: { ...view.report, period } };
  const count =
    shown.length < drills.length ? `${shown.length} of ${drills.length} drills` : 'Every drill with a timed run';
  const body = html`${shown.length > 0 && html`<p class="r-note">${count}: ${TELLING_RULE}. Dotted lines mark changes of image, server or host.</p>${trendLegend(shown)}`}
<div class="r-trends">${shown.map((trend) => trendArticle(charts, trend))}</div>
${trends.length === 0 && html`<p>No drill ran in this period.</p>`}`;
  return section('r-trends', 'Recovery times', body);
}

function trendArticle(view: ReportView, trend: Trend): Markup {
  const { drill, tier, recovery, rtoMs, change, forecast } = trend;
  const id = toId(drill);
  return html`<article class="r-trend" aria-labelledby="r-t-${id}"><h3 id="r-t-${id}">${drill}<span class="r-sub">${nameTier(tier)}, median ${formatMs(recovery.medianMs)}, p95 ${formatMs(recovery.p95Ms)}, RTO ${formatMs(rtoMs)}</span></h3>
${chart(view, trend)}
<ul class="r-says"><li>${change.sentence}</li><li>${forecast.sentence}</li>${remarks(view, trend)}</ul></article>
`;
}

/** Remarkable findings, one line each. */
function remarks(view: ReportView, { sizeBytes, archive, steps, slowRuns, slowRunCount }: Trend): Markup {
  const slowest = slowRuns.toSorted((a, b) => b.recoveryTimeMs / b.usualMs - a.recoveryTimeMs / a.usualMs)[0];
  const last = steps.at(-1);
  return html`${sizeBytes && html`<li>backup ${formatSize(sizeBytes.first)} → ${formatSize(sizeBytes.last)}</li>`}${archive && html`<li>log archive: ${describeArchiveLags(archive)}</li>`}${last && html`<li>${instant(view, last.at)}: ${last.sentence}${steps.length > 1 && `, and ${steps.length - 1} earlier`}</li>`}${slowest && html`<li>${slowRunCount === 1 ? 'slower than usual once' : `slower than usual ${slowRunCount} times, most`} on ${runAt(view, slowest.at, slowest.runId)}: ${slowest.sentence}</li>`}`;
}

function chart({ report }: ReportView, trend: Trend): Markup {
  const { from, to, zone: name } = report.period;
  const zone = openTimeZone(name);
  const toMs = Math.min(to.getTime(), Math.max(report.madeAt.getTime(), from.getTime() + 1));
  const span = { fromMs: from.getTime(), toMs, toWallMs: (ms: number) => toWallMs(zone, ms) };
  const svg = drawCompactTrend(trend, span, {
    id: `r-c-${toId(trend.drill)}`,
    title: `Recovery time of ${trend.drill} by stage against its RTO`,
    description: describeTrendChart(trend),
  });
  return html`<figure class="r-figure"><div class="r-scroll" tabindex="0" role="group" aria-label="Chart: recovery time of ${trend.drill}">${trusted(svg)}</div></figure>`;
}
