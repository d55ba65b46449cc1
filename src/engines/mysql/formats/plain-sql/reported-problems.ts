import { toPrintable } from '../../../../support/printable.ts';

/**
 * Comments in which mysqldump and mariadb-dump report that something is missing from a dump that is otherwise complete. Source: client/mysqldump.cc of both;
 * they continue with `--force`, and if only an object's definition could not be read.
 */
const MISSING = [/^-- insufficient privileges to /i, /^-- failed on view /i, /^-- Couldn't /i, /^-- Error: /i];
/** Warnings about something that was dumped anyway, or that a restore does not need. */
const DOUBTFUL = [
  /^-- WARNING: old server version\. The following dump may be incomplete/i,
  /^-- Warning: Couldn't get status information for table/i,
  /^-- Warning: Skipping data for table /i,
  /^-- Warning: get_table_structure\(\) failed /i,
  /^-- Warning: Creating a stand-in table for view .* may fail/i,
];

/** What a dump's comment reports about the dump. */
export interface ReportedProblem {
  readonly isMissing: boolean;
  /** The comment without its dashes, safe to print. */
  readonly quoted: string;
}

/** @param comment one between statements: the same text inside a row or a routine is data. */
export function problemReportedIn(comment: string): ReportedProblem | undefined {
  const isMissing = MISSING.some((pattern) => pattern.test(comment));
  if (!isMissing && !DOUBTFUL.some((pattern) => pattern.test(comment))) return undefined;
  return { isMissing, quoted: `“${toPrintable(comment.replace(/^-- /, '').trimEnd(), 160)}”` };
}
