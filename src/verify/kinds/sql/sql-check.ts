import { z } from 'zod';
import { expectationSchema } from '../../../config/expectation-schema.ts';
import { checkMapping, mapping, name as nameSchema, prose } from '../../../config/fields.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';
import { describeExpectation, evaluate, rowsNeeded } from '../../evaluate.ts';
import type { Expectation } from '../../expectations/registry.ts';
import { explainVacuousQuery } from './vacuous-count.ts';

/** One query, whose result is held to one expectation. */
export interface SqlCheck extends CheckBase<'sql'> {
  readonly sql: string;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly expect: Expectation;
}

const FILE_PATH = ['sql', 'file'];

export const sqlCheck = defineCheckKind({
  key: 'sql',
  schema: checkMapping({
    sql: z
      .union(
        [
          prose('a query'),
          mapping({
            file: nameSchema('the path of an SQL file').describe(
              'Relative to the drill file, in its directory or below.',
            ),
          }),
        ],
        { error: 'must be a query, or { file: PATH }' },
      )
      .describe('One query, run in a read-only session. Or `{ file: checks/x.sql }`, next to the drill file.'),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
    expect: expectationSchema.describe(
      'The expected result; exactly one kind. A plain value is short for `equals`. A result without rows fails every kind except `empty`.',
    ),
  }),
  findFiles({ sql }) {
    const file = typeof sql === 'object' && sql !== null && 'file' in sql ? sql.file : undefined;
    return typeof file === 'string' ? [{ path: FILE_PATH, file, holds: 'this check’s query' }] : [];
  },
  resolve({ name, sql, database, expect, timeout }, textOf): SqlCheck | undefined {
    const text = typeof sql === 'string' ? sql : textOf(FILE_PATH);
    if (text === undefined) return undefined;
    return { kind: 'sql', name, sql: text.trim(), database, expect, timeoutMs: parseDurationMs(timeout) ?? Number.NaN };
  },
  findVacuous({ sql, expect }) {
    const message = explainVacuousQuery(sql, expect);
    return message === undefined ? undefined : { path: ['expect'], message };
  },
  describe: ({ expect }, context) => describeExpectation(expect, context),
  async run({ sql, database, expect }, { probe, takenAt }) {
    const result = await probe.query(sql, { database, maxRows: rowsNeeded(expect) });
    return evaluate(expect, result, { takenAt });
  },
});
