import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { PostgresServer } from '../server/postgres-server.ts';
import type { Tablespace } from './physical-backup.ts';

/** Maximum number of relations listed by name; the rest are counted. */
const MAX_NAMED = 3;

export interface MissingFiles {
  readonly database: string;
  readonly count: number;
  /** Names of some of their relations. */
  readonly names: readonly string[];
}

/**
 * Searches each of these databases for relations in the catalog whose file is missing or was emptied: without a manifest, nothing else reveals that. A server
 * starts without the file, reports an error only when a query needs it, and treats an empty file as an empty table.
 * @param uncertain tablespaces whose last tar, and with it the end of a table, may be missing.
 * @returns one sentence for each database with such relations.
 */
export async function findMissingFiles(
  server: PostgresServer,
  databases: readonly string[],
  uncertain: readonly Tablespace[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const database of databases) {
    await server.withSession(database, signal, async (client) => {
      const { rows } = await client.query<Row>(MISSING);
      if (rows.length > 0) found.push(describeMissing(toMissing(database, rows)));
      if (uncertain.length === 0) return;
      const cut = await client.query<Row>(CUT, [uncertain.map(({ oid }) => `pg_tblspc/${oid}/%`)]);
      if (cut.rows.length > 0) found.push(describeCut(toMissing(database, cut.rows)));
    });
  }
  return found;
}

interface Row {
  readonly name: string;
  /** How many were found in total. */
  readonly count: string;
}

function toMissing(database: string, rows: readonly Row[]): MissingFiles {
  return { database, count: Number(rows[0]?.count ?? 0), names: rows.map(({ name }) => name) };
}

/** Pure. */
export function describeCut({ database, count, names }: MissingFiles): string {
  const rest = count > names.length ? ` and ${formatCount(count - names.length)} more` : '';
  const what = count === 1 ? '1 table or index ends' : `${formatCount(count)} tables and indexes end`;
  const named = names.map((name) => toPrintable(name)).join(', ');
  return `${what} with a full file in ${toPrintable(database)}: ${named}${rest}; what follows in the next file is not there, as when the last volume of a tablespace is missing`;
}

/** Pure. */
export function describeMissing({ database, count, names }: MissingFiles): string {
  const rest = count > names.length ? ` and ${formatCount(count - names.length)} more` : '';
  const what = count === 1 ? '1 table or index has' : `${formatCount(count)} tables and indexes each have`;
  const named = names.map((name) => toPrintable(name)).join(', ');
  return `${what} a missing or emptied file in ${toPrintable(database)}: ${named}${rest}; a part of the backup is missing, or lacks the file`;
}

/**
 * A file is missing entirely, is empty, or is shorter than the catalog states by a whole segment of 1 GiB or more: a server extends files by some empty pages
 * without logging them, so a smaller difference proves nothing. A relation whose pages the catalog counts has not been empty since, and a table that was never
 * vacuumed or analyzed (`reltuples` is -1, since version 14) has pages if its index points at some. Counts are also set by hand or by a loaded dump of
 * statistics: an index that never held a row proves that the table is empty. TimescaleDB keeps the counts of a chunk that it empties when it compresses it, so
 * they prove nothing.
 */
const MISSING = `
WITH stored AS (
  SELECT CASE WHEN o.oid IS NULL THEN nspname || '.' || c.relname ELSE 'the long values of ' || o.oid::regclass::text END AS name,
         c.oid AS id, c.relpages, c.reltuples, pg_relation_filepath(c.oid) AS path,
         EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS is_chunk
    FROM pg_class c JOIN pg_namespace ON pg_namespace.oid = c.relnamespace
    LEFT JOIN pg_class o ON c.relkind = 't' AND o.reltoastrelid = c.oid
   WHERE c.relkind IN ('r', 'i', 't', 'm', 'S') AND c.relpersistence = 'p'
), first_files AS (
  SELECT *, (pg_stat_file(path, true)).size AS first FROM stored WHERE path IS NOT NULL
), sized AS (
  SELECT *, CASE WHEN first >= pg_size_bytes(current_setting('segment_size')) THEN pg_relation_size(id) ELSE first END AS bytes FROM first_files
)
SELECT name, count(*) OVER () AS count FROM sized
 WHERE first IS NULL
    OR bytes = 0 AND relpages > 0 AND NOT is_chunk AND NOT EXISTS (
         SELECT FROM pg_index JOIN pg_class x ON x.oid = indexrelid JOIN pg_am ON pg_am.oid = x.relam
          WHERE indrelid = id AND amname = 'btree' AND indpred IS NULL AND pg_relation_size(indexrelid) = current_setting('block_size')::bigint)
    OR bytes = 0 AND reltuples = -1 AND EXISTS (
         SELECT FROM pg_index JOIN pg_class x ON x.oid = indexrelid JOIN pg_am ON pg_am.oid = x.relam
          WHERE indrelid = id AND amname = 'btree' AND pg_relation_size(indexrelid) > current_setting('block_size')::bigint)
    OR bytes > 0 AND NOT is_chunk AND relpages::bigint * current_setting('block_size')::bigint - bytes >= pg_size_bytes(current_setting('segment_size'))
 ORDER BY name LIMIT ${MAX_NAMED}`;

/**
 * If a file of a table other than the first is lost, the file before it is full, and the server takes that for the end. An intact table ends like that only if
 * its size happens to be a whole number of full files; the catalog confirms that for a table vacuumed since.
 */
const CUT = `
WITH stored AS (
  SELECT nspname || '.' || relname AS name, pg_relation_size(pg_class.oid) AS bytes, relpages::bigint * current_setting('block_size')::bigint AS known
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
   WHERE relkind IN ('r', 'i', 't', 'm') AND relpersistence = 'p' AND pg_relation_filepath(pg_class.oid) LIKE ANY ($1::text[])
)
SELECT name, count(*) OVER () AS count FROM stored
 WHERE bytes > 0 AND bytes % pg_size_bytes(current_setting('segment_size')) = 0 AND bytes <> known
 ORDER BY name LIMIT ${MAX_NAMED}`;
