import { expect, test } from 'vitest';
import { sqlCheck } from '../../../../src/verify/kinds/sql/sql-check.ts';
import { fakeCatalog, fakeContext, resultOf } from '../../fake-pool.ts';

test('an SQL check passes on what makes its result doubtful, and reads no catalogue', async () => {
  const warnings: string[] = [];
  const context = fakeContext(async () => ({ ...resultOf([1]), warnings: ['may use public.count(integer)'] }), {
    catalog: { ...fakeCatalog(), tables: () => Promise.reject(new Error('was read')) },
    onWarning: (warning) => warnings.push(warning),
  });
  const check = { kind: 'sql', name: 'a', sql: 'select 1', database: undefined, timeoutMs: 1000 } as const;
  expect(await sqlCheck.run({ ...check, expect: { kind: 'equals', value: 1 } }, context)).toMatchObject({
    passed: true,
  });
  expect(warnings).toEqual(['may use public.count(integer)']);
});
