import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/engines/catalog.ts';
import type { EngineUnderTest } from '../../contracts/engine-contract.ts';
import { type RestoredShop, restoreShop } from './restored-shop.ts';
import { MYSQL_SHOP, POSTGRES_SHOP } from './shop-statements.ts';

/** The catalogue and every kind of check on one restored database, the same for all products. */
export function describeKindsOn(subject: EngineUnderTest): void {
  const isPostgres = subject.engine.type === 'postgres';
  const schema = isPostgres ? 'public' : 'shop';
  const table = (name: string) => ({ schema, name });

  describe(`checks of ${subject.name}`, () => {
    let shop: RestoredShop;
    let catalog: Catalog;
    beforeAll(async () => {
      shop = await restoreShop(subject, isPostgres ? POSTGRES_SHOP : MYSQL_SHOP);
      catalog = shop.pool.catalog(undefined);
    });
    afterAll(() => shop?.[Symbol.asyncDispose]());

    it('know the tables, their columns and what they can hold', async () => {
      expect(await catalog.searchPath()).toEqual([schema]);
      const tables = await catalog.tables();
      expect(tables.find(({ name }) => name === 'customer')).toMatchObject({ ...table('customer'), kind: 'table' });
      expect(tables.find(({ name }) => name === 'big_spender')?.kind).toBe('view');
      expect(tables.map(({ name }) => name)).toContain(isPostgres ? 'It"s a table' : "It's a `table");
      const columns = (await catalog.columns()).map(({ table: { name }, name: column, integers, time }) => [
        `${name}.${column}`,
        integers?.max ?? time,
      ]);
      expect(Object.fromEntries(columns)).toMatchObject({
        'customer.id': isPostgres ? 2n ** 63n - 1n : 2n ** 64n - 1n,
        'customer.created_at': 'absolute',
        'purchase.id': 2n ** 31n - 1n,
        'purchase.placed_on': 'date',
        'line.place': 2n ** 15n - 1n,
        'delivery.due_at': 'wall',
        'event.id': 99_999n,
      });
    });

    it('know keys, references and sequences', async () => {
      const keys = (await catalog.keys()).filter(({ table: { name } }) => name === 'line');
      expect(keys).toMatchObject([{ kind: 'primary', columns: ['purchase_id', 'place'] }]);
      expect(await catalog.foreignKeys()).toMatchObject([
        {
          table: table('delivery'),
          name: 'delivery_line',
          references: table('line'),
          columns: [
            { column: 'purchase_id', references: 'purchase_id' },
            { column: 'place', references: 'place' },
          ],
        },
        { table: table('purchase'), columns: [{ column: 'customer_id', references: 'id' }], hasParent: true },
      ]);
      const sequences = await catalog.sequences();
      expect(sequences.find(({ column }) => column?.table.name === 'purchase')).toMatchObject({
        column: { table: table('purchase'), name: 'id' },
        increment: 1n,
      });
    });
  });
}
