import type { z } from 'zod';
import { parseDurationMs } from '../support/quantities.ts';
import { changeRangeSchema } from '../verify/change-range.ts';
import { type RowsCheck, tableNames } from '../verify/kinds/rows/rows-check.ts';
import type { BaselineSpec } from './drill-file.ts';
import { duration, mapping } from './fields.ts';

/** What is compared with the last good runs without a check of its own. */
export const baselineSchema = mapping({
  rows: changeRangeSchema()
    .optional()
    .describe(
      'By how much the number of rows of each table may change: `-10%..+25%`, `-10%..`, `10%`. Short for a check `rows` on all tables.',
    )
    .meta({ examples: ['-10%..+25%'] }),
  size: changeRangeSchema()
    .optional()
    .describe('By how much the stored size of the backup may change. Compared before anything is restored.')
    .meta({ examples: ['-30%..+50%'] }),
  since: duration().default('14d').describe('How far back, from the newest good run’s backup, good runs count.'),
  exclude: tableNames().default([]).describe('Tables whose rows are not compared; `*` is any text.'),
}).refine(({ rows, size }) => rows !== undefined || size !== undefined, {
  error: 'says nothing to compare; write rows, size or both',
});

type BaselineFile = z.output<typeof baselineSchema>;

/** The name under which results are recorded: later runs find them by it. */
const ROWS_NAME = 'rows of each table (baseline)';
const TIMEOUT_MS = 30 * 60_000;

/** @returns the checks that the baseline stands for. */
export function baselineChecks(file: BaselineFile | undefined): readonly RowsCheck[] {
  if (file?.rows === undefined) return [];
  const { rows, exclude } = file;
  const base = {
    kind: 'rows',
    name: ROWS_NAME,
    include: undefined,
    database: undefined,
    timeoutMs: TIMEOUT_MS,
  } as const;
  return [{ ...base, rows, exclude, sinceMs: sinceMs(file) }];
}

/** @returns what is left of the baseline without its checks. */
export function resolveBaseline(file: BaselineFile | undefined): BaselineSpec | undefined {
  return file?.size === undefined ? undefined : { size: file.size, sinceMs: sinceMs(file) };
}

/** The schema has checked that the text is a duration. */
function sinceMs({ since }: BaselineFile): number {
  return parseDurationMs(since) ?? Number.NaN;
}
