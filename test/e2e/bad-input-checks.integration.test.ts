import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

let workspace: DrillWorkspace;
beforeEach(async () => {
  workspace = await makeDrillWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

async function drillWith(checks: readonly { name: string; sql: string; expect: unknown }[], body = '') {
  await workspace.write('backups/orders.sql', plainDump(body));
  await workspace.writeDrill({ checks });
  return workspace.drill();
}

/** Writes even when called in a SELECT, as any application's function might. */
const SNEAKY = `CREATE FUNCTION public.sneaky() RETURNS integer LANGUAGE sql SECURITY DEFINER AS
  'INSERT INTO public.customer VALUES (4, ''Mallory'') RETURNING id';\n`;

describe('a check with an unexpected result', () => {
  it('fails the drill, and the others still run', async () => {
    const { code, run, timeline, stdout } = await drillWith([
      { name: 'invoices are there', sql: 'select count(*) from invoice', expect: { min: 1 } },
      { name: 'a column is there', sql: 'select max(email) from customer', expect: { matches: '@' } },
      { name: 'nobody by that id', sql: 'select name from customer where id = 99', expect: { min: 1 } },
      { name: 'one name', sql: 'select name from customer order by id', expect: 'Ada' },
      { name: 'customers are all there', sql: 'select count(*) from customer', expect: 3 },
    ]);
    expect(code).toBe(1);
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', sandbox: { removed: true } });
    expect(run.sandbox?.dataBytes).toBeGreaterThan(20e6); // an empty PostgreSQL takes some 40 MB, including WAL
    expect(run.checks.map(({ name, passed, expected, actual }) => [passed, name, expected, actual])).toEqual([
      [false, 'invoices are there', 'at least 1', 'relation "invoice" does not exist at character 22'],
      [false, 'a column is there', 'text that matches /@/', 'column "email" does not exist at character 12'],
      [false, 'nobody by that id', 'at least 1', 'no row'],
      [false, 'one name', "'Ada'", '2 rows or more instead of one value'],
      [true, 'customers are all there', '3', '3'],
    ]);
    expect(run.reasons).toEqual([
      {
        reason: 'wrong-data',
        sentence:
          '4 of 5 checks failed: invoices are there: expected at least 1, got relation "invoice" does not exist at character 22; a column is there: expected text that matches /@/, got column "email" does not exist at character 12; nobody by that id: expected at least 1, got no row (and 1 more)',
        hint: expect.stringMatching(
          /^Keep the restored copy with `firedrill run drill\.yaml --keep 30m` and look at the rows/,
        ),
      },
    ]);
    expect(timeline).toEqual([
      'locate ok',
      'plan ok',
      'image-pull skipped',
      'provision ok',
      'restore ok',
      'verify ok',
      'teardown ok',
    ]);
    expect(stdout).toContain('  ✖ nobody by that id: no row (expected at least 1)\n');
    expect(stdout).toContain('  ✔ customers are all there: 3 (expected 3)\n');
  });
});

/** For text that is not SQL, on each engine, see test/engines/syntax.integration.test.ts. */
describe('an invalid check', () => {
  it.each([
    [
      'calls a function that writes',
      'select public.sneaky()',
      'the check tries to write: cannot execute INSERT in a read-only transaction',
      'Checks only read: make it a SELECT.',
    ],
    [
      'has two statements, to leave its transaction',
      'commit; select public.sneaky()',
      'cannot insert multiple commands into a prepared statement',
      'Try the query on a copy of the database, as one single statement.',
    ],
  ])('breaks the drill when it %s', async (_how, sql, message, hint) => {
    const sound = { name: 'customers are all there', sql: 'select count(*) from customer', expect: 3 };
    const { code, run, timeline, stdout } = await drillWith([sound, { name: 'bad', sql, expect: 4 }], SNEAKY);
    expect(code).toBe(2);
    expect(run).toMatchObject({
      status: 'errored',
      reasons: [],
      checks: [{ passed: true }],
      sandbox: { removed: true },
    });
    expect(run.verdict).toBeUndefined();
    expect(run.error).toEqual({
      code: 'check-malformed',
      stage: 'verify',
      message: `check 'bad' (drill.yaml:1): ${message}`,
      hint,
      details: [],
    });
    expect(timeline).toEqual([
      'locate ok',
      'plan ok',
      'image-pull skipped',
      'provision ok',
      'restore ok',
      'verify errored',
      'teardown ok',
    ]);
    expect(stdout).toContain(
      `ERRORED orders: check-malformed: check 'bad' (drill.yaml:1): ${message}\n  HINT: ${hint}\n`,
    );
  });
});
