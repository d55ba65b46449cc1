import { expect, it } from 'vitest';
import { mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { findTakenNumbers } from '../../../../src/engines/mysql/log/taken-numbers.ts';
import type { Session } from '../../../../src/engines/mysql/server/connect.ts';
import type { MysqlServer } from '../../../../src/engines/mysql/server/mysql-server.ts';
import { never } from '../restoring.ts';

type Table = readonly [name: string, type: string, largest: string | null, next: string | null];

/** @returns what is said of these tables, and what the server was told before it was asked. */
async function find(tables: readonly Table[], fail: (sql: string) => Error | undefined = () => undefined) {
  const told: string[] = [];
  const session = {
    execute: async (sql) => {
      told.push(sql);
      return { warnings: 0 };
    },
    ask: async (sql) => {
      if (sql.includes('STATISTICS')) return tables.map(([name, type]) => ['shop', name, 'id', type, '0']);
      const failure = fail(sql);
      if (failure) throw failure;
      const asked = tables.filter(([name]) => sql.includes(`\`${name}\``) || sql.includes(`'${name}'`));
      if (sql.includes('MAX(')) return asked.map(([, , largest], index) => [String(index), largest]);
      return asked.filter(([, , , next]) => next !== null).map(([name, , , next]) => ['shop', name, next]);
    },
  } satisfies Partial<Session>;
  const server: Pick<MysqlServer, 'administer' | 'flavor' | 'version'> = {
    flavor: mysqlFlavor,
    version: '9.7.4',
    administer: (_signal, work) => work(session as unknown as Session),
  };
  return { warnings: await findTakenNumbers(server, never), told };
}

it('names tables whose next AUTO_INCREMENT is in use', async () => {
  const { warnings, told } = await find([
    ['free', 'int', '9', '10'],
    ['same', 'int', '10', '10'],
    ['behind', 'bigint', '9007199254740993', '9007199254740992'],
    ['empty', 'int', null, '1'],
    ['unknown', 'int', '7', null],
  ]);
  expect(warnings).toEqual([
    'AUTO_INCREMENT is not above the largest number that is in use: shop.same (10, largest 10), shop.behind (9007199254740992, largest 9007199254740993); an INSERT without a number ends with a duplicate key there',
  ]);
  expect(told).toEqual(['SET SESSION information_schema_stats_expiry = 0']);
});

it('takes a column whose last number is in use, negative ones and fractions as they are', async () => {
  const tables: readonly Table[] = [
    ['full', 'tinyint', '127', '127'],
    ['negative', 'int', '-5', '1'],
    ['float', 'double', '9', '2'],
  ];
  expect((await find(tables)).warnings).toEqual([]);
});

it('compares the tables beside one that cannot be read', async () => {
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

it('leaves tables that cannot be read to what examines them', async () => {
  const broken = Object.assign(new Error('crashed'), { errno: 1194 });
  expect((await find([['t', 'int', '2', '2']], () => broken)).warnings).toEqual([]);
  await expect(find([['t', 'int', '2', '2']], () => new Error('lost'))).rejects.toThrow('lost');
});
