import { type Child, html, type Markup } from '../support/html.ts';

export interface Column {
  readonly label: string;
  /** `number`: to the right, digits below each other; `wide`: takes what room there is. */
  readonly kind?: 'number' | 'wide' | 'narrow';
}

export interface TableOptions {
  /** What the table shows; read out before it. */
  readonly caption: string;
  /** The first is what a row is about. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Child[])[];
  /** The caption repeats the heading above it: it is only read out. */
  readonly quiet?: boolean;
}

/**
 * A table that becomes a list of cards where there is no room for its columns. The roles are written down because a changed `display` takes them away.
 */
export function table({ rows, ...options }: TableOptions): Markup {
  return tableOf({ ...options, rows: rows.map((cells) => rowOf(options.columns, cells)) });
}

/** The same of rows that are made already. */
export function tableOf({
  caption,
  columns,
  rows,
  quiet = true,
}: Omit<TableOptions, 'rows'> & { readonly rows: readonly Markup[] }): Markup {
  return html`<table class="stack" role="table">
<caption${quiet && html` class="hidden"`}>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th scope="col" role="columnheader"${classOf(column)}>${column.label}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table>`;
}

export function rowOf(columns: readonly Column[], cells: readonly Child[]): Markup {
  return html`<tr role="row">${cells.map((cell, index) => cellOf(cell, columns[index], index === 0))}</tr>`;
}

function cellOf(cell: Child, column: Column | undefined, isFirst: boolean): Markup {
  if (isFirst) return html`<th scope="row" role="rowheader"${classOf(column)}>${cell}</th>`;
  return html`<td role="cell" data-label="${column?.label}"${classOf(column)}><div>${cell}</div></td>`;
}

function classOf(column: Column | undefined): Markup | false {
  return column?.kind !== undefined && html` class="${column.kind}"`;
}

/** What belongs to each other as pairs; those without a value are left out. */
export function facts(pairs: readonly (readonly [string, Child])[]): Markup {
  const known = pairs.filter(([, value]) => value !== undefined && value !== false && value !== '');
  return html`<dl class="facts">${known.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}
