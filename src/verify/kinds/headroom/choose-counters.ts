import type {
  Catalog,
  CatalogColumn,
  CatalogSequence,
  CatalogTable,
  IntegerRange,
  QualifiedName,
} from '../../../engines/catalog.ts';
import { columnOf, describeMissing, isSame, TableNames } from '../../catalog/table-names.ts';

/** A column whose numbers keep growing. */
export interface Counter {
  /** `orders.id`, human-readable, and used to find it in earlier runs. */
  readonly name: string;
  readonly table: CatalogTable;
  readonly column: CatalogColumn;
  /** The range that both the column's type and its sequence can hold. */
  readonly range: IntegerRange;
  /** Undefined for a column that only references a key, or is filled by the application. */
  readonly sequence: CatalogSequence | undefined;
}

export interface CounterRules {
  readonly tables: readonly string[] | undefined;
  readonly except: readonly string[];
}

/** @returns also tables that the drill names but that do not exist, and exceptions that match no such column. */
export async function chooseCounters(
  { tables: wanted, except }: CounterRules,
  catalog: Catalog,
): Promise<{
  readonly counters: readonly Counter[];
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
}> {
  const names = await TableNames.of(catalog);
  const all = await findCounters(catalog, names);
  const chosen = wanted?.map((text) => ({ text, tables: names.findAll(text) }));
  const isWanted = ({ table }: Counter) =>
    chosen === undefined || chosen.some(({ tables }) => tables.some((one) => isSame(one, table)));
  const missing = (chosen ?? []).filter(({ tables }) => tables.length === 0).map(({ text }) => describeMissing(text));
  const inScope = all.filter(isWanted);
  const left = inScope.filter(({ name }) => !except.includes(name));
  const unknown = except.filter((name) => !inScope.some((counter) => counter.name === name));
  return { counters: left, missing, unknown };
}

/** A sequence that wraps around (CYCLE) never runs out, so its column is not included. */
async function findCounters(catalog: Catalog, names: TableNames): Promise<readonly Counter[]> {
  const columns = await catalog.columns();
  const sequences = await catalog.sequences();
  const found = new Map<string, Counter>();
  const add = (table: QualifiedName, columnName: string, sequence: CatalogSequence | undefined): void => {
    const column = columnOf(table, columnName, columns);
    const own = names.tables.find((one) => isSame(one, table));
    if (!column?.integers || !own || own.partitionOf || own.isExtension || own.transient !== undefined) return;
    const name = `${names.show(own)}.${column.name}`;
    if (found.has(name)) return;
    found.set(name, { name, table: own, column, range: narrower(column.integers, sequence?.range), sequence });
  };
  const cycling = sequences.flatMap(({ cycles, column }) => (cycles && column ? column : []));
  const isCycling = (table: QualifiedName, name: string) =>
    cycling.some((one) => isSame(one.table, table) && one.name === name);
  for (const sequence of sequences) {
    const { column, cycles } = sequence;
    if (column && !cycles) add(column.table, column.name, sequence);
  }
  for (const {
    table,
    kind,
    columns: [only, ...others],
  } of await catalog.keys()) {
    if (kind === 'primary' && only !== undefined && others.length === 0 && !isCycling(table, only))
      add(table, only, undefined);
  }
  for (const { table, references, columns: pairs } of await catalog.foreignKeys()) {
    for (const pair of pairs) {
      if (found.has(`${names.show(references)}.${pair.references}`)) add(table, pair.column, undefined);
    }
  }
  return [...found.values()];
}

function narrower(column: IntegerRange, sequence: IntegerRange | undefined): IntegerRange {
  if (!sequence) return column;
  return {
    min: column.min > sequence.min ? column.min : sequence.min,
    max: column.max < sequence.max ? column.max : sequence.max,
  };
}
