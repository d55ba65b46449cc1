import { expect, it } from 'vitest';
import { requireSql } from '../../src/engines/require-sql.ts';
import type { EngineUnderTest } from '../contracts/engine-contract.ts';

const never = new AbortController().signal;

/** How an empty server judges queries, the same for all products. */
export function describeSyntaxOn(subject: EngineUnderTest): void {
  it(`${subject.name} distinguishes a malformed query from one that needs the data`, async () => {
    await using sandbox = await subject.startSandbox();
    const boot = { durability: 'relaxed', memoryBytes: 1024 * 2 ** 20, cpus: 2, preload: [], settings: {} } as const;
    await using server = await requireSql(subject.engine, 'this suite').openSyntaxServer(sandbox, {
      ...boot,
      signal: never,
    });
    const kinds = async (...queries: readonly string[]) => {
      const found: string[] = [];
      for (const sql of queries) found.push((await server.prepare(sql)).kind);
      return [...new Set(found)];
    };
    expect(server.version).toMatch(/^\d+\.\d+/);
    expect(await kinds('select 1 + 1', 'with a as (select 1 as n) select n from a')).toEqual(['valid']);
    expect(await kinds('select count(*) from orders', 'select id from shop.orders where id = "x"')).toEqual([
      'needs-data',
    ]);
    expect(
      await kinds(
        'select count(*) form orders',
        'select * from orders wher id = 1',
        'select 1; select 2',
        'select nme from (select 1 as name) x',
        'select (1',
      ),
    ).toEqual(['malformed']);
    expect(await kinds('select 1 + 1')).toEqual(['valid']);
  });
}
