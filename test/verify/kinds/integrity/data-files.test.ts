import { expect, it } from 'vitest';
import { checkSchema } from '../../../../src/config/check-schema.ts';
import type { NotVerifiable, PageChecksums, StoredObject } from '../../../../src/engines/data-files.ts';
import { DrillError } from '../../../../src/support/errors.ts';
import type { ProbeDataFiles } from '../../../../src/verify/check-kind.ts';
import { integrityCheck } from '../../../../src/verify/kinds/integrity/integrity-check.ts';
import { fakeCatalog, fakeContext, resultOf, tableOf } from '../../fake-pool.ts';

function specOf(integrity: unknown, except: readonly string[] = []) {
  const spec = checkSchema
    .parse({ name: 'x', integrity, except })
    .resolve({ textOf: () => undefined, report: (_path, message) => expect.fail(message) });
  if (spec?.kind !== 'integrity') throw new Error('not of this kind');
  return spec;
}

const index: StoredObject = {
  kind: 'index',
  name: 'orders_pkey of public.orders',
  names: ['orders_pkey', 'orders'],
  query: 'index',
  isSortedElsewhere: false,
};
const table: StoredObject = {
  ...index,
  kind: 'table',
  name: 'public.orders',
  names: ['public.orders'],
  query: 'table',
};

function filesOf(
  objects: readonly StoredObject[] | NotVerifiable,
  pages: PageChecksums | NotVerifiable,
): ProbeDataFiles {
  return {
    openObjects: async () =>
      'reason' in objects ? objects : { objects, [Symbol.asyncDispose]: async () => undefined },
    verifyChecksums: async () => pages,
  };
}

const whole: PageChecksums = { pages: 20, bad: [], badCount: 0 };

function run(
  integrity: unknown,
  dataFiles: ProbeDataFiles | undefined,
  {
    isPhysical = true,
    except = [] as readonly string[],
    answers = {} as Record<string, string | Error>,
    steps = [] as string[],
  } = {},
) {
  const context = fakeContext(
    async (sql) => {
      const answer = answers[sql];
      if (answer instanceof Error) throw answer;
      return answer === undefined ? resultOf() : resultOf([answer]);
    },
    {
      restore: { isPhysical, lastCommitAt: undefined },
      catalog: fakeCatalog({ tables: [tableOf('orders')], findDamage: [] }),
      ...(dataFiles ? { dataFiles } : {}),
      timed: (step, work) => {
        steps.push(step);
        return work;
      },
    },
  );
  return integrityCheck.run(specOf(integrity, except), context);
}

it('says that amcheck and page checksums would prove nothing about a restored dump, and refuses to run them if listed', async () => {
  const files = filesOf([table], whole);
  const { passed, details } = await run('all', files, { isPhysical: false });
  expect([passed, details]).toEqual([
    true,
    [
      'not checked by amcheck and page checksums: the restore has just written every page and index, so they would prove nothing',
    ],
  ]);
  await expect(run(['amcheck'], files, { isPhysical: false })).rejects.toMatchObject({
    code: 'check-malformed',
    message: expect.stringContaining('it would prove nothing'),
  });
  expect((await run('all', undefined, { isPhysical: false })).details).toEqual([]);
});

it('passes with what it verified and how long both parts took, each timed as its own step', async () => {
  const steps: string[] = [];
  expect(await run(['amcheck', 'checksums'], filesOf([table, index], whole), { steps })).toMatchObject({
    passed: true,
    actual: '1 table and 1 index verified, 20 page checksums compared',
    details: [
      'amcheck of 1 table and 1 index took 0 ms',
      'comparing 20 page checksums took 0 ms, with a restart of the server',
    ],
  });
  expect(steps).toEqual(['amcheck', 'checksums']);
});

it('fails on findings of a query, on unreadable data, and on damaged pages', async () => {
  const answers = {
    table: 'block 1, row 2: xmin is wrong',
    index: new DrillError('wrong-data', 'damaged data: no page'),
  };
  const pages = { pages: 20, bad: ['page 2 of base/5/1259'], badCount: 2 };
  expect(await run(['amcheck', 'checksums'], filesOf([table, index], pages), { answers })).toMatchObject({
    passed: false,
    actual:
      'the table public.orders: block 1, row 2: xmin is wrong; the index orders_pkey of public.orders: damaged data: no page; page 2 of base/5/1259 has a wrong checksum (and 1 more)',
  });
  expect(
    await run(['amcheck'], filesOf([table, index], whole), { answers, except: ['orders_pkey', 'public.orders'] }),
  ).toMatchObject({ passed: true });
});

it('does not call an index damaged that was sorted by another version of its collation', async () => {
  const answers = { index: new DrillError('wrong-data', 'item order invariant violated') };
  await expect(
    run(['amcheck'], filesOf([{ ...index, isSortedElsewhere: true }], whole), { answers }),
  ).rejects.toMatchObject({
    code: 'check-malformed',
    message: expect.stringContaining('may be no damage'),
  });
});

it('skips parts that the image lacks under all, with the reason, and is malformed if they are listed', async () => {
  const lacking = filesOf({ reason: 'postgres:17-tiny has no amcheck', hint: 'Name an image.' }, whole);
  expect(await run('all', lacking)).toMatchObject({
    passed: true,
    details: expect.arrayContaining(['not checked by amcheck: postgres:17-tiny has no amcheck']),
  });
  await expect(run(['amcheck'], lacking)).rejects.toMatchObject({ code: 'check-malformed', hint: 'Name an image.' });
});

it('runs alone, after the other checks, if it needs the server for itself', () => {
  const asks = (parts: unknown, isPhysical: boolean) =>
    integrityCheck.turnOf?.(specOf(parts), { isPhysical, lastCommitAt: undefined });
  expect([asks('all', true), asks(['checksums'], true), asks(['indexes'], true), asks('all', false)]).toEqual([
    'alone',
    'alone',
    'together',
    'together',
  ]);
});
