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

/** The condition of `mysqldump --where`, which it writes before the rows of each table, unless every row meets it. Source: client/mysqldump.cc. */
const FILTER = /^-- WHERE: +(.+)/i;
const OF_ALL = /^(?:1|1 ?= ?1|true)$/i;

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

/** @param comment one between statements. @returns a warning that the dump holds only some rows, without the condition's line, so that equal ones are one. */
export function rowFilterIn(comment: string): string | undefined {
  const condition = FILTER.exec(comment)?.[1]?.trim();
  if (condition === undefined || OF_ALL.test(condition)) return undefined;
  return `the dump has only the rows that \`--where\` selected (“${toPrintable(condition, 100)}”): a recovery needs all of them`;
}
