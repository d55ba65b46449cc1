import { DumpParts } from '../../sql-dump/dump-parts.ts';

/** What a dump of pg_dump has. */
export function postgresDumpParts(): DumpParts {
  return new DumpParts({
    rowsOnly: 'pg_dump --data-only',
    tablesOnly: 'pg_dump --schema-only',
    keysOnly: 'pg_dump --section=post-data',
  });
}

/** Views and tables of any kind, on which a dump may then create indexes and triggers. */
const INDEXABLE = /^CREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s+){0,3}?(?:TABLE|VIEW)\b/i;

/** @param kind of a statement. @param text its beginning. @returns what to note, see {@link DumpParts.note}. */
export function partOf(kind: string, text: string): string {
  return (kind === 'ordinary' || kind === 'alone') && INDEXABLE.test(text) ? 'definition' : kind;
}
