import type { AskCatalog, CatalogColumn, CatalogTable, IntegerRange, TableKind } from '../../catalog.ts';
import { type CatalogRow, readCatalogRows } from '../../server/catalog-cells.ts';
import type { Known } from './known.ts';

/** Engines that lose their rows when the server stops, or store none. */
const TRANSIENT = new Set(['Memory', 'Null', 'Buffer']);
const VIEWS: Readonly<Record<string, TableKind>> = {
  View: 'view',
  LiveView: 'view',
  WindowView: 'view',
  MaterializedView: 'materialized-view',
};

/** Whether a table of this engine stores its rows on the server's own disk. Others read another table, or another server. */
export function keepsRows(engine: string): boolean {
  return /MergeTree$|Log$/.test(engine) || engine === 'Join' || engine === 'EmbeddedRocksDB';
}

/**
 * A materialized view stores its rows in an inner table, whose name contains an id that is new after each restore: it is shown as the view, with that table's
 * size and rows.
 */
export async function readTables(ask: AskCatalog, known: Known): Promise<readonly CatalogTable[]> {
  const rows = await readCatalogRows(ask, 'tables', tablesQuery(known));
  const inner = new Map(rows.flatMap((row) => (isInner(row.text(1)) ? [[row.text(1), row]] : [])));
  return rows
    .filter((row) => !isInner(row.text(1)))
    .map((row) => {
      const engine = row.text(2);
      const kept = inner.get(`.inner_id.${row.text(5)}`) ?? inner.get(`.inner.${row.text(1)}`) ?? row;
      return {
        schema: row.text(0),
        name: row.text(1),
        kind: VIEWS[engine] ?? (keepsRows(engine) || TRANSIENT.has(engine) ? 'table' : 'foreign'),
        estimatedRows: kept.maybeNumber(3),
        bytes: kept.maybeNumber(4),
        partitionOf: undefined,
        isExtension: false,
        transient: TRANSIENT.has(engine) ? engine : undefined,
      };
    });
}

export function isInner(table: string): boolean {
  return /^\.inner(?:_id)?\./.test(table);
}

/** Servers before 20.1 do not report the size of a table, only that of its parts. */
function tablesQuery({ columns }: Known): string {
  if (columns.has('tables.total_bytes')) {
    return `SELECT database, name, engine, total_rows, total_bytes, ${columns.has('tables.uuid') ? 'toString(uuid)' : "''"}
              FROM system.tables WHERE database = currentDatabase() ORDER BY name`;
  }
  return `SELECT database, name, engine, if(rows = 0, NULL, rows), if(rows = 0, NULL, bytes), ''
            FROM (SELECT database, name, engine FROM system.tables WHERE database = currentDatabase())
            ANY LEFT JOIN (SELECT table AS name, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
                            WHERE active AND database = currentDatabase() GROUP BY table) USING name
           ORDER BY name`;
}

export async function readColumns(ask: AskCatalog, { columns }: Known): Promise<readonly CatalogColumn[]> {
  const order = columns.has('columns.position') ? ' ORDER BY table, position' : '';
  const rows = await readCatalogRows(
    ask,
    'columns',
    `SELECT database, table, name, type FROM system.columns WHERE database = currentDatabase()${order}`,
  );
  const byTable = Map.groupBy(rows, (row) => row.text(1));
  return [...byTable.entries()]
    .filter(([table]) => !isInner(table))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, own]) => own.map(readColumn));
}

function readColumn(row: CatalogRow, index: number): CatalogColumn {
  const type = row.text(3);
  const { inner, nullable } = unwrapType(type);
  return {
    table: { schema: row.text(0), name: row.text(1) },
    name: row.text(2),
    position: index + 1,
    type,
    nullable,
    integers: integersOf(inner),
    time: /^DateTime/.test(inner) ? 'absolute' : /^Date(?:32)?$/.test(inner) ? 'date' : undefined,
  };
}

/** `LowCardinality(Nullable(UInt8))` contains a `UInt8`, or nothing. */
function unwrapType(type: string): { readonly inner: string; readonly nullable: boolean } {
  const [, wrap, inner] = /^(Nullable|LowCardinality)\((.*)\)$/s.exec(type) ?? [];
  if (inner === undefined) return { inner: type, nullable: false };
  return wrap === 'Nullable' ? { inner, nullable: true } : unwrapType(inner);
}

function integersOf(type: string): IntegerRange | undefined {
  const [, unsigned, bits] = /^(U?)Int(8|16|32|64|128|256)$/.exec(type) ?? [];
  if (bits !== undefined) {
    const width = BigInt(bits);
    return unsigned ? { min: 0n, max: 2n ** width - 1n } : { min: -(2n ** (width - 1n)), max: 2n ** (width - 1n) - 1n };
  }
  const digits = /^Decimal\((\d+), 0\)$/.exec(type)?.[1];
  if (digits === undefined) return undefined;
  const max = 10n ** BigInt(digits) - 1n;
  return { min: -max, max };
}
