import { toPrintable } from '../../support/printable.ts';

/**
 * Comments by which mysqldump and mariadb-dump say that something is missing, in a dump that is whole otherwise. Source: client/mysqldump.cc of
 * both; with `--force`, and where only an object's definition could not be read, they go on.
 */
const MISSING = [/^-- insufficient privileges to /i, /^-- failed on view /i, /^-- Couldn't /i, /^-- Error: /i];
/** What they warn of and dump all the same, or what no restore needs. */
const DOUBTFUL = [
  /^-- WARNING: old server version\. The following dump may be incomplete/i,
  /^-- Warning: Couldn't get status information for table/i,
  /^-- Warning: Skipping data for table /i,
  /^-- Warning: get_table_structure\(\) failed /i,
  /^-- Warning: Creating a stand-in table for view .* may fail/i,
];

/** What a dump says of itself in a comment. */
export interface Confession {
  readonly isMissing: boolean;
  /** The comment without its dashes, safe to print. */
  readonly quoted: string;
}

/** @param comment between statements: the same words in a row or a routine are data. */
export function confessionIn(comment: string): Confession | undefined {
  const isMissing = MISSING.some((pattern) => pattern.test(comment));
  if (!isMissing && !DOUBTFUL.some((pattern) => pattern.test(comment))) return undefined;
  return { isMissing, quoted: `“${toPrintable(comment.replace(/^-- /, '').trimEnd(), 160)}”` };
}
