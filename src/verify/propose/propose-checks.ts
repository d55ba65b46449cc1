import type { Catalog, CatalogTable } from '../../engines/catalog.ts';
import { inParallel } from '../../support/in-parallel.ts';
import type { SessionPool } from '../session-pool.ts';
import type { CheckDraft, CountedTable } from './drafts.ts';
import { isUsable, proposeFreshness, type TrialContext } from './propose-freshness.ts';

export interface ProposeOptions extends TrialContext {
  /** The databases to check; the first is the one that the drill restores. */
  readonly databases: readonly string[];
}

const MAX_TABLES = 10;
/** A table may shrink to this share between two backups without that counting as a loss. */
const KEPT_SHARE = 0.8;
const COUNT_TIMEOUT_MS = 10 * 60_000;

/**
 * Proposes checks from a restored copy: the largest tables with their rows, foreign keys and sequences, the columns with the newest times, and the headroom of
 * whole numbers. The proposed checks pass on this copy, except where something is wrong with it.
 */
export async function proposeChecks(pool: SessionPool, options: ProposeOptions): Promise<readonly CheckDraft[]> {
  const drafts: CheckDraft[] = [];
  for (const [index, database] of options.databases.entries()) {
    const isFirst = index === 0;
    if (!isFirst && !isUsable(database)) continue;
    const found = await proposeForDatabase(pool, isFirst ? undefined : database, options);
    drafts.push(
      ...found.map(({ name, ...rest }) =>
        isFirst ? { name, ...rest } : { name: `${name} (${database})`, ...rest, database },
      ),
    );
  }
  return drafts;
}

async function proposeForDatabase(
  pool: SessionPool,
  database: string | undefined,
  options: ProposeOptions,
): Promise<readonly CheckDraft[]> {
  const catalog = pool.catalog(database);
  const tables = await largestTables(catalog, pool, database, options.signal);
  const filled = tables.filter(({ rows }) => rows > 0);
  const drafts: CheckDraft[] = [];
  if (filled.length > 0) {
    const wanted = filled.map(({ shown, rows }) => ({ table: shown, minRows: roundDown(rows * KEPT_SHARE) }));
    drafts.push({ name: 'the largest tables are all there', tables: wanted });
  }
  if ((await catalog.foreignKeys()).length > 0)
    drafts.push({ name: 'the schema keeps its promises', integrity: 'all' });
  drafts.push(...(await proposeFreshness(pool, { catalog, tables: filled, database }, options)));
  if (await hasIntegerKeys(catalog)) drafts.push({ name: 'ids do not run out', headroom: 'all' });
  return drafts;
}

/** Leaves out names that a check could mistake for a pattern or a schema, or that a drill file rejects. */
async function largestTables(
  catalog: Catalog,
  pool: SessionPool,
  database: string | undefined,
  signal: AbortSignal,
): Promise<readonly CountedTable[]> {
  const path = await catalog.searchPath();
  const own = (await catalog.tables()).filter(
    ({ kind, partitionOf, isExtension, transient, name, schema }) =>
      (kind === 'table' || kind === 'partitioned') &&
      partitionOf === undefined &&
      !isExtension &&
      transient === undefined &&
      isUsable(`${schema}${name}`) &&
      !/[.*?]/.test(`${schema}${name}`),
  );
  const sizeOf = ({ bytes, estimatedRows }: CatalogTable) => bytes ?? estimatedRows ?? 0;
  const largest = own.toSorted((a, b) => sizeOf(b) - sizeOf(a)).slice(0, MAX_TABLES);
  return await inParallel(largest, pool.size, async (table) => {
    const sql = `select count(*) from ${catalog.quote(table.schema, table.name)}`;
    const { rows } = await pool.query(sql, { database, timeoutMs: COUNT_TIMEOUT_MS, maxRows: 1, signal });
    const shown = path.includes(table.schema) ? table.name : `${table.schema}.${table.name}`;
    return { table, shown, rows: Number(rows[0]?.[0] ?? 0) };
  });
}

/** Rounds to two digits, so that the number reads as a limit and not as a count: 12839 → 12000. */
function roundDown(rows: number): number {
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rows))) - 1);
  return Math.max(1, Math.floor(rows / digits) * digits);
}

async function hasIntegerKeys(catalog: Catalog): Promise<boolean> {
  if ((await catalog.sequences()).some(({ column }) => column !== undefined)) return true;
  const columns = await catalog.columns();
  return (await catalog.keys()).some(
    ({ kind, columns: names, table }) =>
      kind === 'primary' &&
      names.length === 1 &&
      columns.some(
        (one) =>
          one.table.schema === table.schema &&
          one.table.name === table.name &&
          one.name === names[0] &&
          one.integers !== undefined,
      ),
  );
}
