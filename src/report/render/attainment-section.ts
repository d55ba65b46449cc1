import { type Child, html, type Markup, trusted } from '../../support/html.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { type AttainmentPanel, axisStart, drawAttainment } from '../charts/attainment-chart.ts';
import type { Report } from '../report.ts';
import type { AttainmentCell, AttainmentRow, Measure, ObjectiveChange } from '../report-attainment.ts';
import { type Column, instant, type ReportView, section, table } from './view.ts';
import { formatBudget, formatMs, formatShare, formatTargetShare, nameTier } from './vocabulary.ts';

/** The runs that met their objectives: shares per tier and month against the objectives at the time, with the error budget. */
export function attainmentSection(view: ReportView): Markup {
  const { attainment } = view.report;
  const panels = panelsOf(view.report);
  return section(
    'r-attainment',
    'Runs meeting objectives',
    html`${attainment.months.length > 1 && chart(view.report, panels)}
${table(`Share of runs that met each objective at the time; target ${formatTargetShare(attainment.targetShare)}`, COLUMNS, panels)}
${attainment.months.length > 1 && monthTable(view.report, panels)}
${attainment.objectiveChanges.length > 0 && changes(view, attainment.objectiveChanges)}
<p class="r-note">${attainment.method}</p>`,
  );
}

/** All drills, then each tier where there are several. */
export function panelsOf({ attainment: { all, tiers } }: Report): readonly AttainmentPanel[] {
  const each = tiers.map((row) => ({ name: upperFirst(nameTier(row.tier)), row }));
  return [{ name: 'All drills', row: all }, ...(each.length > 1 ? each : [])];
}

/** `The axis starts at 80 %.`; says why if it begins lower. */
function describeAxis(panels: readonly AttainmentPanel[]): string {
  const start = axisStart(panels);
  return start >= 0.8 - 1e-9
    ? 'The axis starts at 80 %.'
    : `The axis starts at ${Math.round(start * 100)} % because one month is below 80 %.`;
}

const MAX_PANELS = 5;

function chart({ attainment }: Report, panels: readonly AttainmentPanel[]): Markup {
  const shown = panels.slice(0, MAX_PANELS);
  const svg = drawAttainment(shown, attainment.months, attainment.targetShare, {
    id: 'r-c-attainment',
    title: 'Share of runs that met all objectives, per tier and month',
    description: 'The tables below have the numbers.',
  });
  return html`<figure class="r-figure"><div class="r-scroll" tabindex="0" role="group" aria-label="Chart: share of runs that met all objectives">${trusted(svg)}</div><figcaption><ul class="r-legend"><li><span class="r-key r-b-restore"></span>runs that met all objectives</li><li><span class="r-key r-b-bad"></span>below target</li><li><span class="r-dash r-b-target"></span>target ${formatTargetShare(attainment.targetShare)}</li><li>${describeAxis(shown)}</li></ul></figcaption></figure>`;
}

const COLUMNS: readonly Column<AttainmentPanel>[] = [
  { head: 'Drills', cell: ({ name }) => name, isRowHead: true },
  { head: 'Runs', cell: ({ row }) => row.total.runs, isNumber: true },
  { head: 'All met', cell: ({ row }) => measure(row.total.passed), isNumber: true },
  { head: 'Within RTO', cell: ({ row }) => measure(row.total.rto), isNumber: true },
  { head: 'Within RPO', cell: ({ row }) => measure(row.total.rpo), isNumber: true },
  { head: 'Right data', cell: ({ row }) => measure(row.total.data), isNumber: true },
  { head: 'Error budget', cell: ({ row }) => budget(row.total) },
  { head: 'No verdict', cell: ({ row }) => row.total.errored + row.total.interrupted, isNumber: true },
];

function measure({ attained, missed, share }: Measure): Child {
  if (share === undefined) return formatShare(share);
  return html`${formatShare(share)} <span class="r-of">${attained} of ${attained + missed}</span>`;
}

function budget({ passed }: AttainmentCell): Child {
  const words = formatBudget(passed.budget);
  return passed.budget.spent > passed.budget.allowed ? html`<span class="r-bad">${words}</span>` : words;
}

/** Runs that met all objectives, one column per month. */
function monthTable({ attainment }: Report, panels: readonly AttainmentPanel[]): Markup {
  const { months, targetShare } = attainment;
  const heads = months.map(({ label, isPartial }, index): Column<AttainmentPanel> => {
    const [month = '', year = ''] = label.split(' ');
    return {
      head: `${month.slice(0, 3)} ${year}${isPartial ? '*' : ''}`,
      cell: ({ row }) => monthCell(row, index, targetShare),
      isNumber: true,
    };
  });
  const part = months.some(({ isPartial }) => isPartial) ? '; * part of the month' : '';
  return table(
    `Runs that met all objectives, per month${part}`,
    [{ head: 'Drills', cell: ({ name }) => name, isRowHead: true }, ...heads],
    panels,
  );
}

function monthCell({ months }: AttainmentRow, index: number, targetShare: number): Child {
  const share = months[index]?.passed.share;
  const words = formatShare(share);
  return share !== undefined && share < targetShare ? html`<span class="r-bad">${words}</span>` : words;
}

function changes(view: ReportView, rows: readonly ObjectiveChange[]): Markup {
  return table<ObjectiveChange>(
    'Objectives changed in the period: earlier runs are judged by the old ones',
    [
      { head: 'Since', cell: ({ at }) => instant(view, at) },
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Objective', cell: ({ objective }) => objective.toUpperCase() },
      { head: 'Before', cell: ({ fromMs }) => (fromMs === undefined ? 'none' : formatMs(fromMs)), isNumber: true },
      { head: 'After', cell: ({ toMs }) => (toMs === undefined ? 'none' : formatMs(toMs)), isNumber: true },
    ],
    rows,
  );
}
