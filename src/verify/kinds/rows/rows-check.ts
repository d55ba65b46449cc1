import { z } from 'zod';
import { checkMapping, duration, name as nameSchema } from '../../../config/fields.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { type ChangeRange, changeRangeSchema, formatChangeRange } from '../../change-range.ts';
import { defineCheckKind } from '../../check-kind.ts';
import { readNumbers, readPastWindow } from '../../past-window.ts';
import { compareRowCounts } from './compare-row-counts.ts';
import { countTables } from './count-tables.ts';

/** Compares the row count of each table with the last good runs. */
export interface RowsCheck {
  readonly kind: 'rows';
  readonly name: string;
  readonly rows: ChangeRange;
  readonly sinceMs: number;
  /** Patterns; undefined: every table. */
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly timeoutMs: number;
}

/** Patterns of table names in a drill file. */
export function tableNames() {
  return z.array(nameSchema('the name of a table, such as orders or public.tmp_*'), {
    error: 'must be a list of names',
  });
}

export const rowsCheck = defineCheckKind({
  key: 'rows',
  needs: 'catalog',
  schema: checkMapping({
    rows: changeRangeSchema().describe(
      'By how much the number of rows of each table may change, compared with the good runs since `since`: `-10%..+25%`, `-10%..`, `10%`. The first run learns.',
    ),
    since: duration().default('14d').describe('How far back, from the newest good run’s backup, good runs count.'),
    include: tableNames()
      .min(1, { error: 'is empty; must be a list of names' })
      .optional()
      .describe('The tables to count; `*` matches any text. Default: all.'),
    exclude: tableNames().default([]).describe('Tables to leave out; `*` matches any text.'),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  resolve({ name, rows, since, include, exclude, database, timeout }): RowsCheck | undefined {
    const sinceMs = parseDurationMs(since) ?? Number.NaN;
    const timeoutMs = parseDurationMs(timeout) ?? Number.NaN;
    return { kind: 'rows', name, rows, sinceMs, include, exclude, database, timeoutMs };
  },
  findVacuous({ exclude }) {
    if (!exclude.includes('*')) return undefined;
    return { path: ['exclude'], message: 'leaves out every table, so nothing would be counted' };
  },
  questionOf: ({ include, exclude, database }) => [include?.toSorted() ?? null, exclude.toSorted(), database ?? null],
  describe,
  async run(check, { probe, history }) {
    const counted = await countTables(check, probe);
    const past = await readPastWindow(history(), check.sinceMs, ({ measured }) => readNumbers(measured?.['rows']));
    return { expected: describe(check), ...compareRowCounts(counted, past, check.rows) };
  },
});

function describe({ rows }: RowsCheck): string {
  return `rows of each table within ${formatChangeRange(rows)} of the last good runs`;
}
