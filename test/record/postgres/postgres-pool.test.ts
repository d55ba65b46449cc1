import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createPool } from '../../../src/record/postgres/postgres-pool.ts';
import type { PostgresAddress, TlsMode } from '../../../src/record/store-address.ts';

const ADDRESS: PostgresAddress = {
  kind: 'postgresql',
  host: 'db.example.com',
  port: 5432,
  user: 'bob',
  password: undefined,
  database: 'history',
  schema: 'firedrill',
  tlsMode: 'verify-full',
  rootCertFile: undefined,
  certFile: undefined,
  keyFile: undefined,
};

afterEach(() => vi.unstubAllEnvs());

async function write(name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-pool-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, name), text, { mode: 0o600 });
  return join(directory, name);
}

/** The options of its connections, none of which is opened. */
function optionsOf(changes: Partial<PostgresAddress>) {
  return createPool({ ...ADDRESS, ...changes }).pool.options;
}

test('every mode but `require` without an authority verifies the server', async () => {
  const rootCertFile = await write('ca.pem', 'the authority');
  const verifies = (tlsMode: TlsMode, named = true) =>
    optionsOf({ tlsMode, rootCertFile: named ? rootCertFile : undefined }).ssl;
  const anyHost = { ca: 'the authority', rejectUnauthorized: true, checkServerIdentity: expect.any(Function) };
  expect(verifies('disable')).toBe(false);
  expect(verifies('require', false)).toEqual({ rejectUnauthorized: false });
  expect(verifies('require')).toEqual(anyHost);
  expect(verifies('verify-ca')).toEqual(anyHost);
  expect(verifies('verify-full')).toEqual({ ca: 'the authority', rejectUnauthorized: true });
});

test('the password comes from the address, PGPASSWORD, or the password file', async () => {
  vi.stubEnv('PGPASSFILE', await write('pgpass', 'db.example.com:5432:history:bob:filed\n'));
  vi.stubEnv('PGPASSWORD', 'environment');
  expect(optionsOf({ password: 'given' }).password).toBe('given');
  expect(optionsOf({}).password).toBe('environment');
  vi.stubEnv('PGPASSWORD', undefined);
  await expect(readPassword({})).resolves.toBe('filed');
  await expect(readPassword({ user: 'eve' })).rejects.toMatchObject({
    code: 'store-failed',
    message: 'the store postgres://eve@db.example.com/history: the server wants a password',
  });
});

async function readPassword(changes: Partial<PostgresAddress>): Promise<string> {
  const { password } = optionsOf(changes);
  if (typeof password !== 'function') throw new Error('the password is not read when it is needed');
  return password();
}

test('a connection that could not log in is not left open', async () => {
  const { pool, destroy } = createPool(ADDRESS);
  const { stream } = pool.options;
  if (typeof stream !== 'function') throw new Error('the pool makes its own sockets');
  const socket = stream();
  await destroy();
  expect(socket?.destroyed).toBe(true);
});
