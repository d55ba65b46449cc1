import type { CatalogTable, QualifiedName } from '../../../engines/catalog.ts';
import { inParallel } from '../../../support/in-parallel.ts';
import { columnOf } from '../../catalog/table-names.ts';
import { countOf, rowsThat } from '../../findings.ts';
import type { Look, LookContext } from './look.ts';
import { countOrphans } from './orphans.ts';

/** One side: `orders.id`, or a table with its columns. */
type Side = { readonly text: string } | { readonly table: string; readonly columns: readonly string[] };

interface ParsedReference {
  readonly from: Side;
  readonly to: Side;
}

/** `payment.order_id -> orders.id`, `line(shop, order_id) -> orders(shop, id)`. @returns undefined for any other text. */
export function parseReference(text: string): ParsedReference | undefined {
  const [left, right, ...rest] = text.split('->').map((side) => parseSide(side.trim()));
  if (!left || !right || rest.length > 0 || widthOf(left) !== widthOf(right)) return undefined;
  return { from: left, to: right };
}

/** @throws DrillError `check-malformed` when the columns cannot be compared. */
export async function lookAtReferences(texts: readonly string[], context: LookContext): Promise<Look> {
  const problems = await inParallel(texts, context.probe.parallel, async (text) => {
    const parsed = parseReference(text);
    if (!parsed) return `${text} is not a reference`;
    const from = await findSide(parsed.from, context);
    const to = await findSide(parsed.to, context);
    if (typeof from === 'string') return `${from} is missing`;
    if (typeof to === 'string') return `${to} is missing`;
    const columns = from.columns.map((column, index) => ({
      column,
      references: to.columns[index] ?? '',
      operator: '=',
      collate: '',
    }));
    // includes inheriting tables: a key cannot span inheritance, which is a reason to declare the reference here
    const rowsOf = ({ schema, name }: QualifiedName) => context.catalog.quote(schema, name);
    const sides = { from: rowsOf(from.table), to: rowsOf(to.table) };
    const orphans = await countOrphans({ ...sides, columns, isMatchFull: false }, context);
    return orphans === 0n ? undefined : `${rowsThat(orphans, 'has', 'have')} no match (${text})`;
  });
  return { seen: countOf(texts.length, 'reference'), problems: problems.filter((one) => one !== undefined) };
}

function parseSide(text: string): Side | undefined {
  const [, table, list] = /^([^()]+)\(([^()]+)\)$/.exec(text) ?? [];
  if (table === undefined || list === undefined) return /^[^.()]+(\.[^.()]+)+$/.test(text) ? { text } : undefined;
  const columns = list.split(',').map((column) => column.trim());
  return columns.every(Boolean) ? { table: table.trim(), columns } : undefined;
}

function widthOf(side: Side): number {
  return 'text' in side ? 1 : side.columns.length;
}

/** @returns what is missing, in words. */
async function findSide(
  side: Side,
  { catalog, names }: LookContext,
): Promise<{ readonly table: CatalogTable; readonly columns: readonly string[] } | string> {
  const all = await catalog.columns();
  if ('text' in side) {
    const found = names.findColumn(side.text, all);
    return typeof found === 'string' ? found : { table: found.table, columns: [found.column.name] };
  }
  const table = names.find(side.table);
  if (!table) return `the table ${side.table}`;
  const columns = side.columns.map((name) => columnOf(table, name, all)?.name);
  const missing = columns.indexOf(undefined);
  if (missing >= 0) return `the column ${side.columns[missing]} of ${names.show(table)}`;
  return { table, columns: columns.filter((name) => name !== undefined) };
}
