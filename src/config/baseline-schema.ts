import type { z } from 'zod';
import { parseDurationMs } from '../support/quantities.ts';
import { changeRangeSchema } from '../verify/change-range.ts';
import type { CheckDefaults } from '../verify/check-kind.ts';
import { increase, parseIncrease } from '../verify/kinds/latency/latency-check.ts';
import { type RowsCheck, tableNames } from '../verify/kinds/rows/rows-check.ts';
import { SCHEMA_RULES, type SchemaCheck } from '../verify/kinds/schema/schema-check.ts';
import type { SizeCheck } from '../verify/kinds/size/size-check.ts';
import type { BaselineSpec } from './drill-file.ts';
import { duration, mapping, oneOf } from './fields.ts';

/** What to compare with the last good runs without a dedicated check. */
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
  databaseSize: changeRangeSchema()
    .optional()
    .describe('By how much the size of all restored tables and indexes may change. Short for a check `size`.')
    .meta({ examples: ['-20%..+50%'] }),
  schema: oneOf(SCHEMA_RULES)
    .optional()
    .describe('How the schema may change: `locked`, `additive` or `shown`. Short for a check `schema`.'),
  latency: increase()
    .optional()
    .describe('How much longer each query of a check `latency` may take than usual, if the check has no `maxIncrease`.')
    .meta({ examples: ['50%'] }),
  since: duration().default('14d').describe('How far back, from the newest good run’s backup, good runs count.'),
  exclude: tableNames()
    .default([])
    .describe('Tables to leave out of `rows` and objects to leave out of `schema`; `*` matches any text.'),
}).refine(({ since: _, exclude: __, ...compared }) => Object.values(compared).some((one) => one !== undefined), {
  error: 'says nothing to compare; write rows, size, databaseSize, schema or latency',
});

type BaselineFile = z.output<typeof baselineSchema>;

/** The name under which results are recorded, and by which later runs find them. */
const ROWS_NAME = 'rows of each table (baseline)';
const SIZE_NAME = 'size of the database (baseline)';
const SCHEMA_NAME = 'schema (baseline)';
const TIMEOUT_MS = 30 * 60_000;

/** @returns the checks that the baseline expands to. */
export function baselineChecks(file: BaselineFile | undefined): readonly (RowsCheck | SizeCheck | SchemaCheck)[] {
  if (!file) return [];
  const { rows, databaseSize: size, schema, exclude } = file;
  const base = { database: undefined, timeoutMs: TIMEOUT_MS };
  const since = sinceMs(file);
  return [
    ...(rows
      ? [{ ...base, kind: 'rows' as const, name: ROWS_NAME, include: undefined, rows, exclude, sinceMs: since }]
      : []),
    ...(size ? [{ ...base, kind: 'size' as const, name: SIZE_NAME, size, sinceMs: since }] : []),
    ...(schema ? [{ ...base, kind: 'schema' as const, name: SCHEMA_NAME, schema, exclude }] : []),
  ];
}

/** @returns the baseline's defaults for checks that do not set them. */
export function baselineDefaults(file: BaselineFile | undefined): CheckDefaults {
  return file?.latency === undefined ? {} : { maxIncrease: parseIncrease(file.latency) };
}

/** @returns the rest of the baseline, without its checks. */
export function resolveBaseline(file: BaselineFile | undefined): BaselineSpec | undefined {
  return file?.size === undefined ? undefined : { size: file.size, sinceMs: sinceMs(file) };
}

/** The schema has checked that the text is a duration. */
function sinceMs({ since }: BaselineFile): number {
  return parseDurationMs(since) ?? Number.NaN;
}
