import { expect, test } from 'vitest';
import { SQLITE_MIGRATIONS } from '../../../src/record/postgres/migrations/migrations.ts';
import { asPostgresStoreError, isConnectionLost } from '../../../src/record/postgres/postgres-errors.ts';
import { MIGRATIONS } from '../../../src/record/sqlite/migrations/migrations.ts';
import type { PostgresAddress } from '../../../src/record/store-address.ts';

const ADDRESS: PostgresAddress = {
  kind: 'postgresql',
  host: 'db.example.com',
  port: 5432,
  user: 'firedrill',
  password: 'hunter2hunter2',
  database: 'history',
  schema: 'firedrill',
  tlsMode: 'verify-full',
  rootCertFile: undefined,
  certFile: undefined,
  keyFile: undefined,
};
const NAME = 'postgres://firedrill@db.example.com/history';

test.for([
  ['53100', 'could not extend file', 'disk-full', `no space is left for the store ${NAME}`, true],
  ['28P01', 'no', 'store-failed', `the store ${NAME}: the password is wrong (no)`, false],
  ['57P03', 'starting up', 'store-failed', `the store ${NAME}: the server does not answer (starting up)`, true],
  ['08006', 'gone', 'store-failed', `the store ${NAME}: the server does not answer (gone)`, true],
  ['53300', 'too many', 'store-failed', `the store ${NAME}: the server has no free connection (too many)`, true],
  ['XX000', 'odd', 'store-failed', `the store ${NAME}: odd`, false],
  ['ECONNREFUSED', 'refused', 'store-failed', `the store ${NAME}: the server does not answer (refused)`, true],
] as const)('%s is explained', ([code, said, expected, message, mayPass]) => {
  const error = asPostgresStoreError(Object.assign(new Error(said), { code }), ADDRESS);
  expect(error).toMatchObject({ code: expected, message, mayPass, hint: expect.stringMatching(/[.\w]$/) });
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain('hunter2');
});

test('the error for a host with several addresses, none of which answers, names the first', () => {
  const refused = ['::1', '127.0.0.1'].map((ip) =>
    Object.assign(new Error(`connect ECONNREFUSED ${ip}:5432`), { code: 'ECONNREFUSED' }),
  );
  expect(asPostgresStoreError(new AggregateError(refused), ADDRESS).message).toBe(
    `the store ${NAME}: the server does not answer (connect ECONNREFUSED ::1:5432)`,
  );
});

test('running out of connections is not mistaken for a server that does not answer', () => {
  const busy = new Error('timeout exceeded when trying to connect');
  expect(isConnectionLost(busy)).toBe(false);
  expect(asPostgresStoreError(busy, ADDRESS)).toMatchObject({
    mayPass: true,
    message: `the store ${NAME}: all connections of this process are in use (${busy.message})`,
  });
  expect(isConnectionLost(new Error('Connection terminated due to connection timeout'))).toBe(true);
});

test('the schemas of both databases have the same migrations: one that is added to one must be added to the other', () => {
  expect(SQLITE_MIGRATIONS).toBe(MIGRATIONS.length);
});
