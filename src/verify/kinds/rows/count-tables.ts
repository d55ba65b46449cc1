import type { Catalog, CatalogTable } from '../../../engines/catalog.ts';
import { asDrillError, DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { Probe } from '../../check-kind.ts';
import { matchesName } from '../../name-patterns.ts';

/** Selects the tables to count, by patterns; undefined: all. */
export interface TableChoice {
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
}

export interface RowCounts {
  /** Row counts by table name with its schema, sorted. */
  readonly rows: ReadonlyMap<string, number>;
  /** Tables that could not be read completely, with the server's reason. */
  readonly damaged: readonly { readonly table: string; readonly reason: string }[];
}

/** What is recorded for a run is limited, and so is the work. */
const MAX_TABLES = 5000;
/** Small tables share a query. */
const TABLES_PER_QUERY = 50;
const SMALL_BYTES = 16 * 2 ** 20;

/**
 * Counts the rows of tables exactly, on the server. Partitions count with their table. Tables that a server empties when it restarts, and those on other
 * servers, are left out.
 * @throws DrillError `wrong-data` when no table matches the check's names, `check-malformed` when there are too many.
 */
export async function countTables(
  { include: wanted, exclude, database }: TableChoice,
  probe: Probe,
): Promise<RowCounts> {
  const catalog = probe.catalog(database);
  const own = (await catalog.tables()).filter(isCounted);
  const missing = (wanted ?? []).filter((pattern) => !own.some((table) => matches([pattern], table)));
  if (missing.length > 0) throw new DrillError('wrong-data', `there is no table ${missing.join(', ')}`);
  const chosen = own.filter((table) => matches(wanted ?? ['*'], table) && !matches(exclude, table));
  if (chosen.length > MAX_TABLES) throw tooMany(chosen.length);
  const rows = new Map<string, number>();
  const damaged: { table: string; reason: string }[] = [];
  const count = async (batch: readonly CatalogTable[]): Promise<void> => {
    try {
      const result = await probe.query(sqlOf(batch, catalog), { database, maxRows: batch.length });
      for (const [index, found] of result.rows) {
        const table = batch[Number(index)];
        if (table) rows.set(nameOf(table), Number(found));
      }
    } catch (thrown) {
      const error = asDrillError(thrown, 'verify');
      const [table] = batch;
      if (error.code !== 'wrong-data' || !table) throw thrown;
      if (batch.length === 1) damaged.push({ table: nameOf(table), reason: error.message });
      else for (const one of batch) await count([one]);
    }
  };
  await Promise.all(inBatches(chosen).map(count));
  return { rows: new Map([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))), damaged };
}

/** Large tables come first and alone, so that the last to finish is not a large one. */
function inBatches(tables: readonly CatalogTable[]): readonly (readonly CatalogTable[])[] {
  const isSmall = ({ kind, bytes }: CatalogTable) => kind !== 'partitioned' && (bytes ?? 0) < SMALL_BYTES;
  const small = tables.filter(isSmall);
  const large = tables.filter((table) => !isSmall(table)).toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  const batches = large.map((table): readonly CatalogTable[] => [table]);
  for (let start = 0; start < small.length; start += TABLES_PER_QUERY) {
    batches.push(small.slice(start, start + TABLES_PER_QUERY));
  }
  return batches;
}

function isCounted({ kind, partitionOf, isExtension, transient }: CatalogTable): boolean {
  return (kind === 'table' || kind === 'partitioned') && !partitionOf && !isExtension && transient === undefined;
}

function sqlOf(tables: readonly CatalogTable[], catalog: Catalog): string {
  const counts = tables.map(
    ({ schema, name }, index) => `SELECT ${index}, COUNT(*) FROM ${catalog.quote(schema, name)}`,
  );
  return counts.join(' UNION ALL ');
}

function nameOf({ schema, name }: CatalogTable): string {
  return `${schema}.${name}`;
}

/** A pattern may match the name with or without its schema. */
function matches(patterns: readonly string[], table: CatalogTable): boolean {
  return patterns.some((pattern) => matchesName(pattern, table.name) || matchesName(pattern, nameOf(table)));
}

function tooMany(count: number): DrillError {
  const message = `there are ${formatCount(count)} tables, and at most ${formatCount(MAX_TABLES)} are counted`;
  return new DrillError('check-malformed', message, {
    hint: 'Name those that matter under `include`, or leave some out with `exclude`.',
  });
}
