import { describe, expect, it } from 'vitest';
import { tablesCheck } from '../../../src/verify/kinds/tables/tables-check.ts';
import { fakeCatalog, fakeContext, resultOf, tableOf } from '../fake-pool.ts';

const catalog = fakeCatalog({ tables: [tableOf('orders'), tableOf('log'), tableOf('audit', 'private')] });

function run(tables: readonly string[], expectedEmpty: readonly string[], maxDrop?: number) {
  const rules = tables.map((table) => ({ table, minRows: 1 }));
  const check = { kind: 'tables', name: 't', tables: rules, expectedEmpty, maxDrop, database: undefined } as const;
  const context = fakeContext(async () => resultOf(['0']), { catalog });
  return tablesCheck.run({ ...check, timeoutMs: 5000 }, context);
}

describe('tables that may all be empty', () => {
  it.each([
    [['*'], ['*.*']],
    [['orders', 'log'].map((name) => `${name}*`), ['public.*']],
    [['*'], ['orders', 'lo?', 'l*', 'private.*']],
    [['public.*'], ['*s', '*g']],
  ])('%j with %j checks nothing', async (tables, expectedEmpty) => {
    await expect(run(tables, expectedEmpty)).rejects.toMatchObject({
      code: 'check-malformed',
      message: expect.stringContaining('so the check could not fail'),
      hint: expect.stringContaining('`maxDrop`'),
    });
  });

  it('still have to exist if listed by name, and are compared with earlier counts by maxDrop', async () => {
    await expect(run(['orders'], ['orders'])).resolves.toMatchObject({ passed: true });
    await expect(run(['orders', 'l*'], ['*.*'])).resolves.toMatchObject({ passed: true });
    await expect(run(['*'], ['*.*'], 0.1)).resolves.toMatchObject({ passed: true });
  });

  it('do not hide a table that must have rows, or a pattern that matches none', async () => {
    await expect(run(['*'], ['public.*'])).resolves.toMatchObject({ passed: false });
    await expect(run(['x*'], ['*.*'])).resolves.toMatchObject({ passed: false });
  });
});
