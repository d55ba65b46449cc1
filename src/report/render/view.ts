import { type Child, html, type Markup } from '../../support/html.ts';
import type { EvidenceFile } from '../format-kind.ts';
import type { Report } from '../report.ts';
import { formatAt } from './vocabulary.ts';

/** How a report is rendered. */
export interface RenderOptions {
  /**
   * Full records of the runs, for auditors; default: true, as a collapsed appendix. A file: where they are instead; `html`: in the HTML form of the report.
   */
  readonly evidence?: boolean | EvidenceFile | 'html';
  /** How many drills get a chart. Default: 12. */
  readonly charts?: number;
  /** Returns the URL of a run's page. Default: a link to the run in the report itself, if it is shown. */
  readonly runHref?: (runId: string) => string;
}

/** A report with its rendering options. */
export interface ReportView {
  readonly report: Report;
  readonly options: RenderOptions;
  /** Ids of the runs that the report shows in full. */
  readonly shown: ReadonlySet<string>;
}

export function makeView(report: Report, options: RenderOptions): ReportView {
  const hasEvidence = (options.evidence ?? true) === true;
  return { report, options, shown: new Set(hasEvidence ? report.audit.runs.map(({ id }) => id) : []) };
}

/** A run's id, as a link if there is a target. */
export function runRef(view: Pick<ReportView, 'options' | 'shown'>, runId: string): Markup {
  const href = hrefOf(view, runId);
  return href === undefined ? html`<code>${runId}</code>` : html`<a href="${href}"><code>${runId}</code></a>`;
}

/** When a run started, as a link if there is a target. */
export function runAt(view: ReportView, at: Date, runId: string): Markup {
  const href = hrefOf(view, runId);
  return href === undefined ? instant(view, at) : html`<a href="${href}">${instant(view, at)}</a>`;
}

function hrefOf({ options, shown }: Pick<ReportView, 'options' | 'shown'>, runId: string): string | undefined {
  return options.runHref?.(runId) ?? (shown.has(runId) ? `#run-${runId}` : undefined);
}

export function instant({ report }: { readonly report: Pick<Report, 'period'> }, at: Date): Markup {
  return html`<time datetime="${at.toISOString()}">${formatAt(at, report.period.zone)}</time>`;
}

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Child;
  readonly isNumber?: boolean;
  /** Its text does not wrap. */
  readonly isWhole?: boolean;
  /** The cell that names the row. */
  readonly isRowHead?: boolean;
}

/** A table that scrolls when it is too wide, also by keyboard; its head is repeated on each printed page. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  return tableOf(caption, columns, html`<tbody>${rows.map((row) => tableRow(columns, row, false))}</tbody>`, false);
}

/** The same, but on a phone each row becomes a card with the column heads. */
export function stackedTable<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  return tableOf(caption, columns, html`<tbody>${rows.map((row) => tableRow(columns, row, true))}</tbody>`, true);
}

function tableOf<Row>(caption: string, columns: readonly Column<Row>[], body: Child, isStacked: boolean): Markup {
  const heads = columns.map(({ head, isNumber }) => html`<th scope="col"${isNumber && NUMBER}>${head}</th>`);
  return html`<div class="r-scroll" tabindex="0" role="group" aria-label="${caption}"><table${isStacked && html` class="r-stack"`}><caption>${caption}</caption><thead><tr>${heads}</tr></thead>${body}</table></div>`;
}

const NUMBER = html` class="r-num"`;
const WHOLE = html` class="r-whole"`;

function tableRow<Row>(columns: readonly Column<Row>[], row: Row, isStacked: boolean): Markup {
  return html`<tr>${columns.map(({ head, cell, isNumber, isRowHead, isWhole }) => {
    if (isRowHead) return html`<th scope="row">${cell(row)}</th>`;
    return html`<td${isNumber ? NUMBER : isWhole && WHOLE}${isStacked && html` data-label="${head}"`}>${cell(row)}</td>`;
  })}</tr>`;
}

/** Pairs of a term and its value; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [term: string, value: Child])[]): Markup {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== '' && value !== false);
  return html`<dl class="r-facts">${shown.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function section(id: string, title: string, body: Child): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${body}</section>
`;
}
