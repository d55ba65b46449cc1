import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { IndexedTable } from '../server/ask-indexes.ts';
import { explainUnanswered } from '../server/ask-tables.ts';
import type { BootedPostgres } from '../server/booted-postgres.ts';

/** Maximum number examined, those that lack the most first. */
const MAX_LOOKED_AT = 100;
/** Maximum number of pages that a server adds to a file at once; it logs none of them before writing to it. */
const MAX_ADDED_PAGES = 512;

interface ShortFile {
  readonly name: string;
  readonly table: string | null;
  readonly index: string | null;
  readonly column: string | null;
  /** Number of pages at the last vacuum or analyze. */
  readonly counted: number;
  /** Actual number of pages. */
  readonly pages: number;
}

export interface ShortFiles {
  readonly findings: readonly LoadFinding[];
  readonly warnings: readonly string[];
}

/**
 * Searches for tables and indexes with fewer pages than the server counted: the end of their file may be missing from a backup without a manifest. The count
 * alone proves nothing: pages without rows are added without being logged, a VACUUM may be interrupted after it shortened a file, and statistics can be loaded.
 * An index entry that points beyond the end does: the log has each row before its entry, and VACUUM removes the entry before it shortens the table.
 */
export async function findShortFiles(
  server: BootedPostgres,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<ShortFiles> {
  const findings: LoadFinding[] = [];
  const warnings: string[] = [];
  for (const database of databases) {
    const short = await server.withSession(
      database,
      signal,
      async (client) => (await client.query<ShortFile>(SHORT)).rows,
    );
    if (short.length === 0) continue;
    const answers = await server.askIndexes(database, short.flatMap(toIndexed), signal);
    let next = 0;
    for (const file of short) {
      const answer = toIndexed(file).length === 0 ? 'unknown' : answers[next++];
      if (typeof answer === 'object') {
        const finding = explainUnanswered({ ...answer, name: `${answer.name} in ${database}` });
        if (finding) findings.push(finding);
      } else if (answer !== 'whole' && isRemarkable(file)) warnings.push(describeShort(file, database));
    }
  }
  return { findings, warnings };
}

function toIndexed({ name, table, index, column }: ShortFile): IndexedTable[] {
  return table === null || index === null || column === null ? [] : [{ name, table, index, column }];
}

/** Whether it lacks more than a server adds at once, or half of its pages. Pure. */
export function isRemarkable({ counted, pages }: Pick<ShortFile, 'counted' | 'pages'>): boolean {
  return counted - pages > MAX_ADDED_PAGES || pages * 2 <= counted;
}

/** Pure. */
export function describeShort(
  { name, counted, pages }: Pick<ShortFile, 'name' | 'counted' | 'pages'>,
  database: string,
): string {
  return `${toPrintable(name)} in ${toPrintable(database)} has ${formatCount(pages)} page${pages === 1 ? '' : 's'}, and the server had counted ${formatCount(counted)}: its end may be missing from the backup, and no index could confirm it`;
}

/** Files that are 1 GiB or more too short are certainly damaged: see `findMissingFiles`. TimescaleDB chunks keep the counts from before compression. */
const SHORT = `
WITH stored AS (
  SELECT c.oid AS id, CASE WHEN o.oid IS NULL THEN n.nspname || '.' || c.relname ELSE 'the long values of ' || o.oid::regclass::text END AS name,
         c.relkind AS kind, c.relpages AS counted, pg_relation_size(c.oid) / current_setting('block_size')::bigint AS pages
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class o ON c.relkind = 't' AND o.reltoastrelid = c.oid
   WHERE c.relkind IN ('r', 'i', 't', 'm') AND c.relpersistence = 'p' AND NOT c.relisshared AND c.relpages > 1
     AND NOT (EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid))
)
SELECT name, counted, pages::int AS pages, found.*
  FROM stored LEFT JOIN LATERAL (
    SELECT format('%I.%I', n.nspname, t.relname) AS table, x.relname AS index, pg_get_indexdef(i.indexrelid, 1, false) AS column
      FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am ON pg_am.oid = x.relam
      JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE stored.id = CASE WHEN kind = 'i' THEN i.indexrelid ELSE i.indrelid END
       AND amname = 'btree' AND indisvalid AND indpred IS NULL AND indkey[0] > 0
     ORDER BY indisprimary DESC, pg_relation_size(i.indexrelid), 2 LIMIT 1
  ) AS found ON true
 WHERE pages > 0 AND counted > pages AND (counted - pages) * current_setting('block_size')::bigint < pg_size_bytes(current_setting('segment_size'))
 ORDER BY counted - pages DESC, name LIMIT ${MAX_LOOKED_AT}`;
