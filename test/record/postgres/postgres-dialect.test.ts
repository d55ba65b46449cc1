import { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { StorePostgresDialect } from '../../../src/record/postgres/postgres-dialect.ts';
import type { Schema } from '../../../src/record/queries/schema.ts';

/** A pool of one connection, on which `failing` statements fail. */
function poolOf(failing: RegExp, error: Error) {
  const said: string[] = [];
  const released: unknown[] = [];
  const client = {
    async query(sql: string) {
      said.push(sql);
      if (failing.test(sql)) throw error;
      return { command: 'SELECT', rowCount: 0, rows: [] };
    },
    release: (destroy: unknown) => released.push(destroy),
  };
  const pool = { connect: async () => client, end: async () => undefined } as unknown as Pool;
  return { said, released, db: new Kysely<Schema>({ dialect: new StorePostgresDialect(pool, LIMITS) }) };
}

const LIMITS = { schema: 'firedrill', lockWaitMs: 10 };
const drills = (db: Kysely<Schema>) => db.transaction().execute((trx) => trx.selectFrom('drill').selectAll().execute());

test('a connection to a server that has stopped responding is dropped at once, without waiting for a rollback', async () => {
  const { said, released, db } = poolOf(/from "drill"/, new Error('Query read timeout'));
  await expect(drills(db)).rejects.toThrow('Query read timeout');
  expect(said.at(-1)).toMatch(/from "drill"/);
  expect(released).toEqual([true]);
});

test('a transaction that the server rejects is rolled back, and its connection is reused', async () => {
  const { said, released, db } = poolOf(/from "drill"/, Object.assign(new Error('no'), { code: '57014' }));
  await expect(drills(db)).rejects.toThrow('no');
  expect(said.at(-1)).toBe('rollback');
  expect(released).toEqual([false]);
});
