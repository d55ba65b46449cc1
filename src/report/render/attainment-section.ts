import { type Child, html, type Markup, trusted } from '../../support/html.ts';
import { ATTAINED, drawAttainment } from '../charts/attainment-chart.ts';
import type { Report } from '../report.ts';
import type { AttainmentCell, AttainmentRow, Measure, ObjectiveChange } from '../report-attainment.ts';
import { type Column, groupedTable, instant, type ReportView, section, table } from './view.ts';
import { formatBudget, formatMs, formatShare, formatTargetShare, nameTier } from './vocabulary.ts';

/** 2: shares of runs per tier and month against the objectives at the time, with the error budget. */
export function attainmentSection(view: ReportView): Markup {
  const { attainment } = view.report;
  const groups = [
    { name: 'All drills', rows: rowsOf(view.report, attainment.all) },
    ...attainment.tiers.map((row) => ({ name: capitalise(nameTier(row.tier)), rows: rowsOf(view.report, row) })),
  ];
  return section(
    'r-attainment',
    'Runs meeting objectives',
    html`${attainment.months.length > 1 && chart(view.report)}
${groupedTable(`Shares of runs that kept the objectives of their time; wanted: ${formatTargetShare(attainment.targetShare)}`, COLUMNS, attainment.tiers.length > 1 ? groups : groups.slice(0, 1))}
${attainment.objectiveChanges.length > 0 && changes(view, attainment.objectiveChanges)}
<p class="r-note">${attainment.method}</p>`,
  );
}

function chart({ attainment }: Report): Markup {
  const svg = drawAttainment(attainment.all, attainment.months, attainment.targetShare, {
    id: 'r-c-attainment',
    title: 'Shares of runs within their objectives, per month',
    description: 'The numbers are in the table that follows.',
  });
  const keys = ATTAINED.map(({ label, colour }) => html`<li><span class="r-key r-b-${colour}"></span>${label}</li>`);
  return html`<figure class="r-figure"><div class="r-scroll" tabindex="0" role="group" aria-label="Chart: shares of runs per month">${trusted(svg)}</div><figcaption><ul class="r-legend">${keys}<li><span class="r-dash r-b-target"></span>wanted</li></ul></figcaption></figure>`;
}

interface Row {
  readonly name: string;
  readonly cell: AttainmentCell;
}

function rowsOf({ attainment }: Report, { total, months }: AttainmentRow): readonly Row[] {
  const named = months.map((cell, index) => {
    const month = attainment.months[index];
    return { name: `${month?.label ?? ''}${month?.isPartial ? ' (part)' : ''}`, cell };
  });
  const worth = named.filter(({ cell }) => cell.runs > 0);
  return worth.length > 1 ? [...worth, { name: 'Whole period', cell: total }] : [{ name: 'Whole period', cell: total }];
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Month', cell: ({ name }) => name, isRowHead: true },
  { head: 'Runs', cell: ({ cell }) => cell.runs, isNumber: true },
  { head: 'All met', cell: ({ cell }) => measure(cell.passed), isNumber: true },
  { head: 'Within RTO', cell: ({ cell }) => measure(cell.rto), isNumber: true },
  { head: 'Within RPO', cell: ({ cell }) => measure(cell.rpo), isNumber: true },
  { head: 'Right data', cell: ({ cell }) => measure(cell.data), isNumber: true },
  { head: 'Error budget (all met)', cell: ({ cell }) => budget(cell) },
  { head: 'No verdict', cell: ({ cell }) => cell.errored + cell.interrupted, isNumber: true },
];

function measure({ attained, missed, share }: Measure): Child {
  if (share === undefined) return formatShare(share);
  return html`${formatShare(share)} <span class="r-of">(${attained} of ${attained + missed})</span>`;
}

function budget({ passed }: AttainmentCell): Child {
  const words = formatBudget(passed.budget);
  return passed.budget.spent > passed.budget.allowed ? html`<span class="r-bad">${words}</span>` : words;
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

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
