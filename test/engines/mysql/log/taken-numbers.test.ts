import { expect, it } from 'vitest';
import { type Flavor, mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { findTakenNumbers } from '../../../../src/engines/mysql/log/taken-numbers.ts';
import type { Session } from '../../../../src/engines/mysql/server/connect.ts';
import type { MysqlServer } from '../../../../src/engines/mysql/server/mysql-server.ts';
import { never } from '../restoring.ts';

type Table = readonly [name: string, type: string, largest: string | null, next: string | null];

/** @returns the warnings about these tables, and the statements that the server received before the queries. */
async function find(
  tables: readonly Table[],
  fail: (sql: string) => Error | undefined = () => undefined,
  flavor: Flavor = mariadbFlavor,
) {
  const told: string[] = [];
  const asked: string[] = [];
  const session = {
    execute: async (sql) => {
      told.push(sql);
      return { warnings: 0 };
    },
    ask: async (sql) => {
      asked.push(sql);
      if (sql.includes('information_schema.COLUMNS'))
        return tables.map(([name, type]) => ['shop', name, 'id', type, '0']);
      const failure = fail(sql);
      if (failure) throw failure;
      return tables
        .filter(([name]) => sql.includes(`\`${name}\``) || sql.includes(`'${name}'`))
        .map(([name, , largest, next], index) => {
          const one = sql.startsWith('SELECT TABLE_NAME') ? name : String(index);
          if (sql.includes('STATISTICS')) return [one, name === 'second' ? 'before' : 'id'];
          return [one, sql.includes('MAX(') ? largest : next];
        });
    },
  } satisfies Partial<Session>;
  const server: Pick<MysqlServer, 'administer' | 'flavor' | 'version'> = {
    flavor,
    version: '9.7.4',
    administer: (_signal, work) => work(session as unknown as Session),
  };
  return { warnings: await findTakenNumbers(server, never), told, asked };
}

it.each([mysqlFlavor, mariadbFlavor])('reports tables whose next AUTO_INCREMENT is in use: $title', async (flavor) => {
  const tables: readonly Table[] = [
    ['free', 'int', '9', '10'],
    ['same', 'int', '10', '10'],
    ['behind', 'bigint', '9007199254740993', '9007199254740992'],
    ['empty', 'int', null, '1'],
    ['unknown', 'int', '7', null],
    ['second', 'int', '9', '1'],
  ];
  const { warnings, told } = await find(tables, undefined, flavor);
  expect(warnings).toEqual([
    'AUTO_INCREMENT is not above the largest number in use: shop.same (10, largest 10), shop.behind (9007199254740992, largest 9007199254740993); an INSERT that leaves the number to the server fails there with a duplicate key',
  ]);
  expect(told).toEqual(flavor === mysqlFlavor ? ['SET SESSION information_schema_stats_expiry = 0'] : []);
});

it('accepts a column whose largest possible number is in use, negative numbers and fractions', async () => {
  const tables: readonly Table[] = [
    ['full', 'tinyint', '127', '127'],
    ['negative', 'int', '-5', '1'],
    ['float', 'double', '9', '2'],
  ];
  expect((await find(tables)).warnings).toEqual([]);
});

it('queries information_schema of MySQL for fifty tables at a time', async () => {
  const tables = [...Array(60).keys()].map((number): Table => [`t${number}`, 'int', '1', '2']);
  const { asked } = await find(tables, undefined, mysqlFlavor);
  expect(asked.filter((sql) => sql.includes('information_schema'))).toHaveLength(1 + 2 * 2);
});

it('queries information_schema of MariaDB for one table at a time once it has listed them', async () => {
  const { asked } = await find([...Array(60).keys()].map((number): Table => [`t${number}`, 'int', '1', '2']));
  const looks = asked.flatMap((sql) => sql.split(' UNION ALL ')).filter((sql) => sql.includes('information_schema'));
  expect(looks).toHaveLength(1 + 2 * 60);
  for (const look of looks.slice(1)) expect(look).toMatch(/WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 't\d+' AND/);
  for (const look of looks) expect(look).not.toMatch(/JOIN|EXISTS| OR /);
});

it('ignores a column that restarts for each value of the column before it in an index', async () => {
  const { warnings } = await find([
    ['second', 'int', '9', '1'],
    ['first', 'int', '9', '1'],
  ]);
  expect(warnings).toEqual([expect.stringMatching(/: shop\.first \(1, largest 9\);/)]);
});

it('compares the other tables when one cannot be read', async () => {
  const broken = Object.assign(new Error('crashed'), { errno: 1194 });
  const { warnings } = await find(
    [
      ['crashed', 'int', '2', '2'],
      ['behind', 'int', '9', '5'],
    ],
    (sql) => (sql.includes('`crashed`') ? broken : undefined),
  );
  expect(warnings).toEqual([expect.stringMatching(/: shop\.behind \(5, largest 9\);/)]);
});

it('ignores tables that cannot be read, which another check reports', async () => {
  const broken = Object.assign(new Error('crashed'), { errno: 1194 });
  expect((await find([['t', 'int', '2', '2']], () => broken)).warnings).toEqual([]);
  await expect(find([['t', 'int', '2', '2']], () => new Error('lost'))).rejects.toThrow('lost');
});
