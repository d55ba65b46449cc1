import { openTimeZone, toWallMs } from '../../schedule/time-zone.ts';
import { html, type Markup, nothing, trusted } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { drawArchiveLag } from '../charts/archive-chart.ts';
import type { ReportPeriod } from '../report.ts';
import type { ArchiveLags, Trend } from '../report-trend.ts';
import { formatMs, toId } from './vocabulary.ts';

/** How far a drill's log archive was behind when its runs started: a chart with its legend, and the same as text. */
export function archiveTrend(
  { period, madeAt }: { readonly period: ReportPeriod; readonly madeAt: Date },
  trend: Trend,
): Markup {
  const { archive, drill } = trend;
  if (!archive) return nothing;
  const zone = openTimeZone(period.zone);
  const toMs = Math.min(period.to.getTime(), Math.max(madeAt.getTime(), period.from.getTime() + 1));
  const span = { fromMs: period.from.getTime(), toMs, toWallMs: (ms: number) => toWallMs(zone, ms) };
  const svg = drawArchiveLag(trend, span, {
    id: `r-l-${toId(drill)}`,
    title: `Lag of the log archive of ${drill} against its RPO`,
    description: `${describeArchiveLags(archive)}.`,
  });
  return html`<p class="r-label">Lag of the log archive when runs started</p><ul class="r-legend"><li><span class="r-dash r-b-size"></span>newest file in the archive</li><li><span class="r-dash r-b-restore"></span>newest commit in it</li><li><span class="r-dash r-b-target"></span>RPO</li></ul>
<figure class="r-figure"><div class="r-scroll" tabindex="0" role="group" aria-label="Chart: lag of the log archive of ${drill}">${trusted(svg)}</div></figure>`;
}

/** `newest file 2 min 3 s behind in the last run (median 1 min 50 s, largest 9 min); newest commit 3 min behind (…)`. */
export function describeArchiveLags({ file, commit }: ArchiveLags): string {
  return [describe('newest file', file), ...(commit ? [describe('newest commit', commit)] : [])].join('; ');
}

function describe(what: string, { lastMs, medianMs, largestMs }: ArchiveLags['file']): string {
  return `${what} ${formatDuration(lastMs)} behind in the last run (median ${formatMs(medianMs)}, largest ${formatMs(largestMs)})`;
}
