import { expect, it } from 'vitest';
import { CreatedTables } from '../../../../src/engines/mysql/formats/plain-sql/created-tables.ts';
import type { ListedTable, MysqlServer } from '../../../../src/engines/mysql/server/mysql-server.ts';
import { verifyInventory } from '../../../../src/engines/mysql/server/verify-inventory.ts';
import { classify } from '../../../../src/engines/mysql/sql/statement-kind.ts';

const never = new AbortController().signal;

/** The tables that a dump of the database shop with these statements must create there. */
function listedBy(...statements: readonly string[]): readonly string[] {
  const tables = new CreatedTables();
  for (const sql of statements) tables.note(classify(sql), sql, 'shop');
  return tables.list().map(({ database, table }) => `${database}.${table}`);
}

/** A server with the tables shop.orders and shop.Days. */
function serverWith(listed: readonly ListedTable[], ignoresCase = false) {
  const session = {
    ask: async () => [
      ['shop', 'orders'],
      ['shop', 'Days'],
    ],
  };
  const administer = (_: AbortSignal, use: (one: typeof session) => unknown) => use(session);
  return { listed, ignoresCase, administer } as unknown as MysqlServer;
}

const table = (name: string): ListedTable => ({ database: 'shop', table: name });

it('counts the tables of a dump that exist', async () => {
  expect(await verifyInventory(serverWith([table('orders'), table('Days')]), never)).toEqual({
    of: 'tables',
    listed: 2,
    read: 2,
  });
  expect(await verifyInventory(serverWith([table('Orders'), table('days')], true), never)).toMatchObject({ listed: 2 });
  expect(await verifyInventory(serverWith([]), never)).toBeUndefined();
});

it('names the tables of a dump that are missing', async () => {
  await expect(
    verifyInventory(serverWith([table('orders'), table('lost\n'), table('days')]), never),
  ).rejects.toMatchObject({
    code: 'wrong-data',
    message: expect.stringMatching(
      /^of 3 tables that the dump creates, 2 are not in the restored copy: shop\.lost\S* \(and 1 more\)$/,
    ),
    hint: expect.stringContaining('by hand'),
  });
});

it('expects the tables that a dump creates and does not drop again', () => {
  const dump = [
    'DROP TABLE IF EXISTS `a`',
    'CREATE TABLE `a` (i int)',
    'CREATE TABLE crm.b (i int)',
    'ANALYZE TABLE a',
  ];
  expect(listedBy(...dump)).toEqual(['shop.a', 'crm.b']);
  expect(listedBy(...dump, 'DROP DATABASE `crm`')).toEqual(['shop.a']);
  expect(listedBy('CREATE TABLE `v` (i int)', '/*!50001 DROP TABLE `V`*/')).toEqual([]);
});

it.each(['RENAME TABLE a TO b', 'ALTER TABLE a RENAME TO b', 'DROP TABLE b, a', 'CALL tidy()', 'EXECUTE s'])(
  'expects no tables after %s',
  (sql) => {
    expect(listedBy('CREATE TABLE a (i int)', sql)).toEqual([]);
  },
);

it.each([
  'CREATE TEMPORARY TABLE a (i int)',
  '/*!80000 CREATE TABLE a (i int) */',
  'CREATE TABLE `größe` (i int)',
  'CREATE TABLE mysql.user (i int)',
])('does not expect a table from %s', (sql) => {
  expect(listedBy(sql)).toEqual([]);
});
