import { type Child, html, type Markup, trusted } from '../../support/html.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { drawSparkline } from '../charts/sparkline.ts';
import type { DrillRow } from '../report-summary.ts';
import { describeUnusual } from './provider-section.ts';
import {
  clip,
  describeProven,
  describeSince,
  failingNow,
  formatHeadroom,
  groupGaps,
  nameSome,
  shortForecast,
  summaryTiles,
  TIGHT,
  type Tile,
} from './summary.ts';
import { describeCompared, describeCovered } from './titles.ts';
import { type Column, type ReportView, section, stackedTable } from './view.ts';
import { formatMs, nameTier, plural } from './vocabulary.ts';

/** The first page: a verdict, the numbers behind it, every drill in a row, open failures, and coverage gaps. */
export function pageOne(view: ReportView): Markup {
  const { report } = view;
  const { headline, audit, previous } = report;
  const unusual = describeUnusual(report);
  const notRemoved = audit.teardown.notConfirmed;
  return section(
    'r-headline',
    'Can we recover?',
    html`<p class="r-verdict r-${headline.tone}"><span class="r-tone">${TONES[headline.tone]}</span>${headline.text}</p>
<dl class="r-tiles">${summaryTiles(report).map(tile)}</dl>
<p class="r-note">${previous ? `Arrows compare with ${describeCompared(report)}.` : 'No runs in the previous period to compare with.'} Headroom is what the RTO leaves above the 95th percentile (p95) of the period’s recovery times.</p>
${notRemoved > 0 && html`<p class="r-warning">Cleanup was not confirmed for ${plural(notRemoved, 'sandbox')}.</p>`}
${unusual !== undefined && html`<p class="r-warning">${unusual}</p>`}
<div class="r-first"><div class="r-all">${drillTable(view)}</div>
<div class="r-beside">${failing(view)}${notCovered(view)}</div></div>`,
  );
}

/** Not every reader can distinguish the colours, so each has a word. */
const TONES = { good: 'Recoverable', warn: 'Recoverable, with risks', bad: 'Not proven' } as const;

function tile({ label, value, change, note, tone }: Tile): Markup {
  return html`<div${tone && html` class="r-is-${tone}"`}><dt>${label}</dt><dd>${value}</dd>${change !== undefined && html`<dd class="r-move">${change}</dd>`}${note !== undefined && html`<dd class="r-small">${note}</dd>`}</div>`;
}

function drillTable(view: ReportView): Child {
  const { report } = view;
  const { zone } = report.period;
  const trends = new Map(report.trends.map((trend) => [trend.drill, trend]));
  if (report.drills.length === 0) return html`<p>No drills to list.</p>`;
  const columns: readonly Column<DrillRow>[] = [
    {
      head: 'Drill',
      cell: (row) =>
        html`<span class="r-state r-at-${row.result}" aria-hidden="true"></span>${row.drill}${row.result !== 'proven' && html` <span class="r-tag">${RESULTS[row.result]}</span>`}`,
      isRowHead: true,
    },
    { head: 'Tier', cell: ({ tier }) => tier ?? '–', isNumber: true },
    {
      head: 'Proven',
      cell: (row) =>
        row.proven && view.options.runHref
          ? html`<a href="${view.options.runHref(row.proven.runId)}">${describeProven(row, zone)}</a>`
          : describeProven(row, zone),
      isWhole: true,
    },
    { head: 'Median', cell: ({ recovery }) => formatMs(recovery.medianMs), isNumber: true },
    { head: 'p95', cell: ({ recovery }) => formatMs(recovery.p95Ms), isNumber: true },
    { head: 'RTO', cell: ({ rtoMs }) => formatMs(rtoMs), isNumber: true },
    { head: 'Headroom', cell: headroom, isNumber: true },
    {
      head: 'Recovery times',
      cell: ({ drill }) => {
        const trend = trends.get(drill);
        return trend ? trusted(drawSparkline(trend)) : '–';
      },
    },
    {
      head: 'Misses RTO',
      isWhole: true,
      cell: ({ forecast }) =>
        html`<span${isMissing(forecast) && html` class="r-bad"`}>${shortForecast(forecast, zone)}</span>`,
    },
  ];
  return stackedTable('All drills', columns, report.drills);
}

const RESULTS = {
  failing: 'failing',
  'no-verdict': 'no verdict',
  never: 'never tested',
  'not-drilled': 'not drilled',
} as const;

function headroom({ headroom: share }: DrillRow): Child {
  const tone = share === undefined ? undefined : share < 0 ? 'r-bad' : share < TIGHT ? 'r-warn' : undefined;
  return tone === undefined ? formatHeadroom(share) : html`<span class="${tone}">${formatHeadroom(share)}</span>`;
}

function isMissing(forecast: DrillRow['forecast']): boolean {
  return forecast?.kind === 'made' && (forecast.crossing.kind === 'now' || forecast.crossing.kind === 'expected');
}

const MAX_FAILING = 6;
const MAX_NAMES = 4;

function failing(view: ReportView): Markup {
  const { report } = view;
  const { zone } = report.period;
  const open = failingNow(report);
  const known = new Map(report.acknowledgements.filter(({ ended }) => !ended).map((one) => [one.drill, one]));
  const rows = open.slice(0, MAX_FAILING).map((incident) => {
    const { drill, tier, last } = incident;
    const acknowledged = known.get(drill);
    return html`<li><strong>${drill}</strong> <span class="r-small">${nameTier(tier)}, ${describeSince(incident, zone)}</span><br>${clip(last.sentence, 140)}${acknowledged && html` <span class="r-small">${acknowledged.kind} by ${acknowledged.by}</span>`}</li>`;
  });
  const more = open.length - MAX_FAILING;
  return html`<div class="r-panel"><h3>What fails</h3>${rows.length === 0 ? html`<p>Nothing fails.</p>` : html`<ul class="r-plain">${rows}</ul>`}${more > 0 && html`<p><a href="#r-incidents">${more} more under Failures</a></p>`}</div>`;
}

function notCovered(view: ReportView): Markup {
  const { report } = view;
  const groups = groupGaps(report).map(
    ({ words, drills }) =>
      html`<li><strong>${upperFirst(words)}</strong> <span class="r-small">${drills.length}</span><br>${nameSome(drills, MAX_NAMES)}</li>`,
  );
  const found =
    report.discovery &&
    report.discovery.gaps.length > 0 &&
    html`<li><strong>Backups and databases without a drill</strong> <span class="r-small">${report.discovery.gaps.length}</span><br>${nameSome(
      report.discovery.gaps.map(({ name }) => clip(name, 40)),
      MAX_NAMES,
    )}</li>`;
  const isEmpty = groups.length === 0 && !found;
  return html`<div class="r-panel"><h3>What is not covered</h3>${isEmpty ? html`<p>${describeCovered(report)}</p>` : html`<ul class="r-plain">${groups}${found}</ul>`}</div>`;
}
