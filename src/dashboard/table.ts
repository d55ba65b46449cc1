import { type Child, html, type Markup } from '../support/html.ts';

export interface Column {
  readonly label: string;
  /**
   * `number`: right-aligned, with digits lined up; `wide`: takes the remaining width; `name`: wide enough for a name; `bar`: for a number with a bar; `roomy`:
   * only shown if there is enough room.
   */
  readonly kind?: 'number' | 'wide' | 'name' | 'state' | 'bar' | 'time' | 'roomy';
  /** The address of the page sorted by this column, and its current sort order; undefined: not sortable. */
  readonly sort?: { readonly href: string; readonly now: 'ascending' | 'descending' | undefined };
}

export interface TableOptions {
  /** Describes the table; screen readers read it first. */
  readonly caption: string;
  /** The first column names the row. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Child[])[];
  /** Hides the caption except from screen readers, because it repeats the heading above. */
  readonly quiet?: boolean;
  /** A class for the widths of its columns. */
  readonly layout?: 'drills' | 'runs';
}

/**
 * A table that becomes a list of cards if there is no room for its columns. The roles are explicit because changing `display` removes them.
 */
export function table({ rows, ...options }: TableOptions): Markup {
  return tableOf({ ...options, rows: rows.map((cells) => rowOf(options.columns, cells)) });
}

/** The same with rows that are already rendered. */
export function tableOf({
  caption,
  columns,
  rows,
  quiet = true,
  layout,
}: Omit<TableOptions, 'rows'> & { readonly rows: readonly Markup[] }): Markup {
  return html`<table class="stack${layout !== undefined && html` ${layout}`}" role="table">
<caption${quiet && html` class="hidden"`}>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(headOf)}</tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table>`;
}

function headOf(column: Column): Markup {
  const { label, sort } = column;
  const state = sort?.now !== undefined && html` aria-sort="${sort.now}"`;
  return html`<th scope="col" role="columnheader"${classOf(column)}${state}>${sort ? html`<a href="${sort.href}">${label}</a>` : label}</th>`;
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

/** Pairs of a term and its value; pairs without a value are omitted. */
export function facts(pairs: readonly (readonly [string, Child])[]): Markup {
  const known = pairs.filter(([, value]) => value !== undefined && value !== false && value !== '');
  return html`<dl class="facts">${known.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}
