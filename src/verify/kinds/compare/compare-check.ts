import { z } from 'zod';
import { checkMapping, flag, name as nameSchema, oneOf } from '../../../config/fields.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { changeRangeSchema } from '../../change-range.ts';
import { defineCheckKind } from '../../check-kind.ts';
import { findQueryFile, querySource, readQuery } from '../query-source.ts';
import { compareResults, describeAllowed } from './compare-results.ts';
import type { AllowedChange } from './kept-row.ts';
import { MAX_ROWS, measureResult } from './measure-result.ts';

/** Runs one query, and compares its result with that of the last good run. */
export interface CompareCheck {
  readonly kind: 'compare';
  readonly name: string;
  readonly compare: string;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly change: AllowedChange;
  /** Columns that identify a row; undefined: the first one, if there are several columns. */
  readonly key: readonly string[] | undefined;
  readonly showKeys: boolean;
  readonly timeoutMs: number;
}

export const compareCheck = defineCheckKind({
  key: 'compare',
  needs: 'sql',
  schema: checkMapping({
    compare: querySource().describe(
      `One query of at most ${MAX_ROWS} rows, compared with its own result in the last good run; the first run learns. Or \`{ file: checks/x.sql }\`.`,
    ),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
    change: z
      .union([oneOf(['none', 'growth']), changeRangeSchema()], {
        error: 'must be none, growth, or a range of change such as -5%..+20%',
      })
      .default('none')
      .describe(
        'How values may change: `none`; `growth`: numbers and instants may not become less; or a range such as `-5%..+20%` for numbers. Other values must stay the same. New rows are allowed except with `none`; lost rows never are.',
      ),
    key: z
      .array(nameSchema('the name of a column'), { error: 'must be a list of columns' })
      .min(1, { error: 'is empty; must be a list of columns' })
      .optional()
      .describe('The columns that identify a row. Default: the first column, if there are several.'),
    showKeys: flag()
      .default(false)
      .describe(
        'Whether results may name rows by their key. Otherwise rows are numbered, and keys are stored as hashes.',
      ),
  }),
  findFiles: ({ compare }) => findQueryFile('compare', compare),
  resolve({ name, compare, database, change, key, showKeys, timeout }, textOf): CompareCheck | undefined {
    const text = readQuery('compare', compare, textOf);
    if (text === undefined) return undefined;
    const timeoutMs = parseDurationMs(timeout) ?? Number.NaN;
    return { kind: 'compare', name, compare: text, database, change, key, showKeys, timeoutMs };
  },
  queryOf: ({ compare }) => compare,
  questionOf: ({ compare, database, key, showKeys }) => [compare.trim(), database ?? null, key ?? null, showKeys],
  describe,
  async run(check, { probe, previous, onWarning }) {
    const { compare, database, change } = check;
    const result = await probe.query(compare, { database, maxRows: MAX_ROWS });
    for (const warning of result.warnings ?? []) onWarning(warning);
    const rows = measureResult(result, check);
    const [last] = await previous(1);
    return { expected: describe(check), ...compareResults(rows, last, change) };
  },
});

function describe({ change }: CompareCheck): string {
  return `${describeAllowed(change)} since the last good run`;
}
