import type { PoolClient } from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../../../src/record/postgres/migrate.ts';
import type { PostgresAddress } from '../../../src/record/store-address.ts';

const ADDRESS: PostgresAddress = {
  kind: 'postgresql',
  host: 'db.example.com',
  port: 5432,
  user: 'firedrill',
  password: undefined,
  database: 'history',
  schema: 'eu',
  tlsMode: 'verify-full',
  rootCertFile: undefined,
  certFile: undefined,
  keyFile: undefined,
};

/** A server without a schema. @param lockTaken what another process has created by the time the lock is acquired. */
function serverWith(lockTaken: { readonly tables: readonly string[]; readonly version: number }) {
  const said: string[] = [];
  let isLocked = false;
  const answers: readonly (readonly [RegExp, () => readonly unknown[]])[] = [
    [/server_version_num/, () => [{ version: 170_000, encoding: 'UTF8' }]],
    [/transaction_read_only/, () => [{ value: 'off' }]],
    [/from pg_class/, () => (isLocked ? lockTaken.tables.map((name) => ({ name })) : [])],
    [/from pg_namespace where/, () => (isLocked && lockTaken.tables.length > 0 ? [{}] : [])],
    [/select version/, () => [{ version: lockTaken.version }]],
  ];
  const query = async (sql: string) => {
    said.push(sql);
    if (sql.includes('pg_advisory_xact_lock')) isLocked = true;
    return { rows: answers.find(([pattern]) => pattern.test(sql))?.[1]() ?? [] };
  };
  return { said, client: { query } as unknown as Pick<PoolClient, 'query'> };
}

test('a process that waited for another to migrate sees the result, whatever isolation level the server defaults to', async () => {
  const { said, client } = serverWith({ tables: ['store_version'], version: 2 });
  await migrate(client, ADDRESS, ['create table one ()', 'create table two ()']);
  const begun = said.slice(said.findIndex((sql) => sql.startsWith('begin')));
  expect(begun[0]).toBe('begin isolation level read committed');
  expect(begun.at(-1)).toBe('commit');
  expect(begun.filter((sql) => sql.includes('create '))).toEqual([]);
});

test('an empty database gets the schema and every migration in one transaction', async () => {
  const { said, client } = serverWith({ tables: [], version: 0 });
  await migrate(client, ADDRESS, ['create table one ()', 'create table two ()']);
  expect(said.filter((sql) => sql.includes('create '))).toEqual([
    'create schema "eu"',
    expect.stringContaining('create table store_version'),
    'create table one ()',
    'create table two ()',
  ]);
});
