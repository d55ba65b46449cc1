import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { PostgresServer } from '../server/postgres-server.ts';
import type { Tablespace } from './prepare-directory.ts';

/** So many relations are named; the rest are counted. */
const MAX_NAMED = 3;

export interface MissingFiles {
  readonly database: string;
  readonly count: number;
  /** Some of their relations. */
  readonly names: readonly string[];
}

/**
 * Looks for relations of the catalogue whose file is not there, in each of these databases: of a backup without a manifest, nothing else tells that a tar of it is
 * missing. A server starts without the file, and reports an error only when a query needs it.
 * @param uncertain tablespaces that may lack the end of a table with their last tar.
 * @returns a sentence for each database in which there are some.
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
  /** Of all that were found. */
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
  const what = count === 1 ? '1 table or index has' : `${formatCount(count)} tables and indexes have`;
  const named = names.map((name) => toPrintable(name)).join(', ');
  return `${what} lost files in ${toPrintable(database)}: ${named}${rest}; a tar of the backup is missing, or lacks them`;
}

/**
 * A file is missing as a whole, or is shorter than the catalogue says by a whole segment of 1 GiB or more: a server extends files by some empty pages without
 * logging them, so that less proves nothing.
 */
const MISSING = `
WITH stored AS (
  SELECT nspname || '.' || relname AS name, pg_class.oid AS id, relpages, pg_relation_filepath(pg_class.oid) AS path
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
   WHERE relkind IN ('r', 'i', 't', 'm', 'S') AND relpersistence = 'p'
)
SELECT name, count(*) OVER () AS count FROM stored
 WHERE path IS NOT NULL
   AND ((pg_stat_file(path, true)).size IS NULL
        OR relpages::bigint * current_setting('block_size')::bigint - pg_relation_size(id) >= pg_size_bytes(current_setting('segment_size')))
 ORDER BY name LIMIT ${MAX_NAMED}`;

/**
 * Where a file of a table is lost that was not its first, the one before it is full, and the server takes that for the end. Only a table whose size happens to be
 * a whole number of full files ends so, too; the catalogue says it of one that was vacuumed since.
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
