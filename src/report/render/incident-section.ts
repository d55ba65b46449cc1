import { html, type Markup } from '../../support/html.ts';
import { formatAge, formatCount } from '../../support/quantities.ts';
import type { Incident, Report } from '../report.ts';
import type { ReportAcknowledgement, ReportSilence } from '../report-summary.ts';
import { clip } from './summary.ts';
import { instant, type ReportView, runAt, section, table } from './view.ts';
import { formatAt } from './vocabulary.ts';

/** Few readers page through more; all other runs are on record. */
export const MAX_INCIDENTS = 20;
const MAX_LETTERS = 160;

/** Every failure in the period and how it ended, then acknowledgements and silences. */
export function incidentSection(view: ReportView): Markup {
  const { incidents } = view.report;
  const failed = incidents.filter(({ kind }) => kind === 'failed');
  const unproven = incidents.filter(({ kind }) => kind === 'no-verdict');
  const body = html`${failed.length === 0 ? html`<p>No failed recoveries in this period.</p>` : incidentTable(view, 'Failed recoveries, open ones first', failed)}
${unproven.length > 0 && incidentTable(view, 'Runs without a verdict: the drill itself broke, so they say nothing about the backup', unproven)}`;
  return section('r-incidents', 'Failures', body);
}

function incidentTable(view: ReportView, caption: string, rows: readonly Incident[]): Markup {
  const shown = rows.slice(0, MAX_INCIDENTS);
  const list = table<Incident>(
    caption,
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      {
        head: 'Why',
        cell: ({ last }) => clip(last.sentence, MAX_LETTERS),
      },
      { head: 'Since', cell: ({ first }) => runAt(view, first.at, first.runId) },
      { head: 'Resolved', cell: ({ resolved }) => describeEnd(view, resolved) },
      { head: 'Lasted', cell: ({ ageMs }) => formatAge(ageMs), isNumber: true },
      { head: 'Runs', cell: ({ runs }) => runs, isNumber: true },
    ],
    shown,
  );
  const more = describeRest(rows.length - shown.length, rows[0]?.kind === 'failed' ? 'failed' : 'errored');
  return html`${list}${more !== undefined && html`<p class="r-note">${more}</p>`}`;
}

/** What a truncated list leaves out. */
export function describeRest(count: number, status: 'failed' | 'errored'): string | undefined {
  return count > 0 ? `${formatCount(count)} more: firedrill history --status ${status}` : undefined;
}

function describeEnd(view: ReportView, resolved: Incident['resolved']): Markup {
  if (!resolved) return html`<strong class="r-bad">still open</strong>`;
  return runAt(view, resolved.at, resolved.runId);
}

/** Acknowledged and snoozed drills, and planned work. */
export function acknowledgementSection(view: ReportView): Markup {
  const { acknowledgements: rows, silences } = view.report;
  const said =
    rows.length > 0 &&
    table<ReportAcknowledgement>(
      'Acknowledged drills send no reminders and snoozed drills no alerts; their state stays visible',
      [
        { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
        { head: 'Kind', cell: ({ kind }) => kind },
        { head: 'By', cell: ({ by }) => by },
        { head: 'Since', cell: ({ at }) => instant(view, at) },
        { head: 'Until', cell: (one) => describeUntil(one, view.report) },
        { head: 'Reason', cell: ({ reason }) => reason },
      ],
      rows,
    );
  const none = rows.length === 0 && silences.length === 0;
  return section(
    'r-acknowledgements',
    'Acknowledged and silenced',
    html`${none && html`<p>${NOTHING_SAID}</p>`}${said}${silences.length > 0 && silenceTable(view)}`,
  );
}

export const NOTHING_SAID = 'Nothing was acknowledged, snoozed or silenced in this period.';

function silenceTable(view: ReportView): Markup {
  const { report } = view;
  return table<ReportSilence>(
    'Silences for planned work: no alerts were sent',
    [
      { head: 'Drills', cell: ({ match }) => match, isRowHead: true },
      { head: 'Scheduled runs', cell: ({ pausesRuns }) => (pausesRuns ? 'paused' : 'as scheduled') },
      { head: 'By', cell: ({ by }) => by },
      { head: 'From', cell: ({ from }) => instant(view, from) },
      { head: 'Until', cell: (one) => describeUntil(one, report) },
      { head: 'Reason', cell: ({ reason }) => reason },
    ],
    report.silences,
  );
}

/** `30 Nov 2026, 08:00`, `ended 3 Nov 2026, 09:12 by alice`, `resolved`. */
export function describeUntil(
  { until, ended }: Pick<ReportAcknowledgement, 'until' | 'ended'>,
  { period: { zone } }: Pick<Report, 'period'>,
): string {
  if (ended?.by !== undefined) return `ended ${formatAt(ended.at, zone)} by ${ended.by}`;
  return until ? formatAt(until, zone) : 'resolved';
}
