import { expectationSchema } from '../../../config/expectation-schema.ts';
import { checkMapping, name as nameSchema } from '../../../config/fields.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';
import { describeExpectation, evaluate, rowsNeeded } from '../../evaluate.ts';
import type { Expectation } from '../../expectations/registry.ts';
import { findQueryFile, querySource, readQuery } from '../query-source.ts';
import { explainVacuousQuery } from './vacuous-count.ts';

/** Runs one query, and compares its result with one expectation. */
export interface SqlCheck extends CheckBase<'sql'> {
  readonly sql: string;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly expect: Expectation;
}

export const sqlCheck = defineCheckKind({
  key: 'sql',
  needs: 'sql',
  schema: checkMapping({
    sql: querySource().describe(
      'One query, run in a read-only session. Or `{ file: checks/x.sql }`, next to the drill file.',
    ),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
    expect: expectationSchema.describe(
      'The expected result; exactly one kind. A plain value is short for `equals`. A result without rows fails every kind except `empty`.',
    ),
  }),
  findFiles: ({ sql }) => findQueryFile('sql', sql),
  resolve({ name, sql, database, expect, timeout }, textOf): SqlCheck | undefined {
    const text = readQuery('sql', sql, textOf);
    if (text === undefined) return undefined;
    return { kind: 'sql', name, sql: text, database, expect, timeoutMs: parseDurationMs(timeout) ?? Number.NaN };
  },
  findVacuous({ sql, expect }) {
    const message = explainVacuousQuery(sql, expect);
    return message === undefined ? undefined : { path: ['expect'], message };
  },
  queryOf: ({ sql }) => sql,
  describe: ({ expect }, context) => describeExpectation(expect, context),
  async run({ sql, database, expect }, { probe, takenAt }) {
    const result = await probe.query(sql, { database, maxRows: rowsNeeded(expect) });
    return evaluate(expect, result, { takenAt });
  },
});
