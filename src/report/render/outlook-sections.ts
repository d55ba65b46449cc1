import type { RaceResult } from '../../status/race-result.ts';
import { html, type Markup } from '../../support/html.ts';
import { formatAge } from '../../support/quantities.ts';
import { COVERAGE_WORDS } from '../../support/vocabulary.ts';
import type { CheckProof, CoverageGap, DiscoveredGap, DiscoveredGaps, Incident, RecoveryIdentity } from '../report.ts';
import type { Forecast, Trend } from '../report-trend.ts';
import { describeCovered, formatGapAge, GAPS } from './titles.ts';
import { instant, type ReportView, runRef, section, table } from './view.ts';
import { formatDate, formatMs, formatSize, nameTier } from './vocabulary.ts';

/** 4: when recovery will take longer than its target. */
export function forecastSection(view: ReportView): Markup {
  const { trends, period } = view.report;
  const day = (at: Date) => formatDate(at, period.zone);
  const made = trends.flatMap(({ drill, forecast }) => (forecast.kind === 'made' ? [{ drill, ...forecast }] : []));
  const refused = trends.filter(({ forecast }) => forecast.kind === 'refused');
  type Made = (typeof made)[number];
  const known = table<Made>(
    'Forecasts: growth of the backup over the throughput of its restore; the interval is the 90 % range',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Forecast', cell: ({ sentence }) => sentence },
      { head: 'Target', cell: ({ rtoMs }) => formatMs(rtoMs), isNumber: true },
      { head: 'Crossed', cell: ({ crossing }) => describeCrossing(crossing, day) },
      { head: 'Growth a day', cell: ({ basis }) => formatSize(Math.max(0, basis.sizeBytesPerDay)), isNumber: true },
      { head: 'Throughput', cell: ({ basis }) => `${formatSize(basis.bytesPerSecond)}/s`, isNumber: true },
      { head: 'From', cell: ({ basis }) => `${basis.runs} runs since ${day(basis.from)}` },
    ],
    made,
  );
  const unknown = table<Trend>(
    'No forecast',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Why', cell: ({ forecast }) => forecast.sentence },
    ],
    refused,
  );
  const none = html`<p>No drill has run in the period.</p>`;
  const body = html`${made.length > 0 && known}${refused.length > 0 && unknown}${trends.length === 0 && none}`;
  return section('r-forecast', 'Recovery time forecasts', body);
}

type Crossing = Extract<Forecast, { kind: 'made' }>['crossing'];

function describeCrossing(crossing: Crossing, day: (at: Date) => string): string {
  switch (crossing.kind) {
    case 'now':
      return 'already';
    case 'expected':
      return `${day(crossing.at)} (${day(crossing.earliest)} to ${crossing.latest ? day(crossing.latest) : 'open'})`;
    case 'possible':
      return `by the slowest runs from ${day(crossing.earliest)}`;
    case 'none':
      return `not before ${day(crossing.until)}`;
  }
}

/** 5: what is not covered. */
export function coverageSection(view: ReportView): Markup {
  const { coverage } = view.report;
  const body =
    coverage.gaps.length === 0
      ? coverage.drillCount > 0 && html`<p>Every drill is scheduled, has run in the period, and has a verdict.</p>`
      : table<CoverageGap>(
          'Drills without a verdict, and since when',
          [
            { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
            { head: 'Tier, owner', cell: ({ tier, owner }) => [nameTier(tier), owner].filter(Boolean).join(', ') },
            { head: 'Gap', cell: ({ kind }) => GAPS[kind] },
            { head: 'For', cell: formatGapAge, isNumber: true },
            { head: 'Since', cell: ({ since }) => since && instant(view, since) },
            { head: 'What is known', cell: ({ sentence, runId }) => withRun(view, sentence, runId) },
          ],
          coverage.gaps,
        );
  return section(
    'r-coverage',
    'Coverage gaps',
    html`<p>${describeCovered(view.report)}</p>${body}${coverage.recoveryIdentities.length > 0 && recoveryIdentities(coverage.recoveryIdentities)}${coverage.proofs.length > 0 && checkProofs(view, coverage.proofs)}${coverage.races.length > 0 && races(coverage.races)}${view.report.discovery && discovered(view, view.report.discovery)}`,
  );
}

function discovered(view: ReportView, { lookedAt, sentence, gaps, problems }: DiscoveredGaps): Markup {
  const rows =
    gaps.length > 0 &&
    table<DiscoveredGap>(
      'Backups and databases that no drill covers',
      [
        { head: 'Not covered', cell: ({ name }) => name, isRowHead: true },
        { head: 'State', cell: ({ state }) => COVERAGE_WORDS[state] },
        { head: 'Content', cell: ({ content, kind }) => (kind === 'database' ? `${content} database` : content) },
        { head: 'Where', cell: ({ where }) => where },
        { head: 'Newest', cell: ({ newestAt }) => newestAt && instant(view, newestAt) },
      ],
      gaps,
    );
  const failed = problems.map(({ where, message }) => html`<p>Could not look at ${where}: ${message}</p>`);
  return html`<p>As of ${instant(view, lookedAt)}, ${sentence}.</p>${rows}${failed}`;
}

function recoveryIdentities(rows: readonly RecoveryIdentity[]): Markup {
  return table<RecoveryIdentity>(
    'Whether recovery is proven with the keys and credentials of the person who recovers',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Recovery identity', cell: ({ sentence }) => sentence },
    ],
    rows,
  );
}

function checkProofs(view: ReportView, rows: readonly CheckProof[]): Markup {
  return table<CheckProof>(
    'How much damage to a restored copy the checks were shown to catch',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Proof', cell: ({ sentence, runId }) => withRun(view, sentence, runId) },
    ],
    rows,
  );
}

function races(rows: readonly RaceResult[]): Markup {
  return table<RaceResult>(
    'Which way of recovering a database is the faster one',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Raced with', cell: ({ against }) => against },
      { head: 'Which recovers first', cell: ({ sentences }) => sentences.join('; ') },
    ],
    rows,
  );
}

function withRun(view: ReportView, sentence: string, runId: string | undefined): Markup {
  return html`${sentence}${runId !== undefined && html` (${runRef(view, runId)})`}`;
}

/** 6: every failure in the period, and every run without a verdict. */
export function incidentSection(view: ReportView): Markup {
  const { incidents } = view.report;
  const failed = incidents.filter(({ kind }) => kind === 'failed');
  const unproven = incidents.filter(({ kind }) => kind === 'no-verdict');
  const body = html`${failed.length === 0 ? html`<p>No recovery failed in the period.</p>` : incidentTable(view, 'Failures', failed)}
${unproven.length > 0 && incidentTable(view, 'Runs without a verdict: the drill broke, and nothing is known about the backup', unproven)}`;
  return section('r-incidents', 'Failures', body);
}

function incidentTable(view: ReportView, caption: string, rows: readonly Incident[]): Markup {
  return table<Incident>(
    caption,
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Why', cell: ({ reasons, errorCodes }) => [...reasons, ...errorCodes].join(', ') },
      { head: 'In words', cell: ({ last }) => last.sentence },
      { head: 'Since', cell: ({ first }) => html`${instant(view, first.at)} ${runRef(view, first.runId)}` },
      { head: 'Resolved', cell: ({ resolved }) => describeEnd(view, resolved) },
      { head: 'Lasted', cell: ({ ageMs }) => formatAge(ageMs), isNumber: true },
      { head: 'Runs', cell: ({ runs }) => runs, isNumber: true },
    ],
    rows,
  );
}

function describeEnd(view: ReportView, resolved: Incident['resolved']): Markup {
  if (!resolved) return html`<strong class="r-bad">still open</strong>`;
  return html`${instant(view, resolved.at)} by ${runRef(view, resolved.runId)}`;
}
