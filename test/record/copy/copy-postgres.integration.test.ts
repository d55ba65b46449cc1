import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COPIED_TABLES, OWN_TABLES } from '../../../src/record/copy/copied-tables.ts';
import type { CopyDatabase } from '../../../src/record/copy/copy-database.ts';
import { copyStore } from '../../../src/record/copy/copy-store.ts';
import { openPostgresCopy } from '../../../src/record/postgres/postgres-copy.ts';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import { openSqliteCopy } from '../../../src/record/sqlite/sqlite-copy.ts';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import { describeStore, type StoreAddress } from '../../../src/record/store-address.ts';
import { fillHistory, readHistory } from '../../support/full-history.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';
import { NOON, passedRun, runningRun } from '../../support/run-records.ts';
import { fullDrillState, skipOf } from '../../support/schedule-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../support/temporary-directory.ts';

const CHILD = fileURLToPath(new URL('copy-child.ts', import.meta.url));

let server: TestPostgres;
let directory: TemporaryDirectory;
let from: StoreAddress;
let history: Awaited<ReturnType<typeof historyOf>>;
beforeAll(async () => {
  server = await startTestPostgres();
  directory = makeTemporaryDirectory();
  from = sqlite('from');
  await using store = await openSqliteStore(join(directory.path, 'from'));
  await fillHistory(store);
  await server.query(`create role owning login; grant create on database postgres to owning`);
  history = await historyOf(from);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

test('history survives copying to PostgreSQL and back, and the copy can be written to', async () => {
  const there = server.address({ user: 'owning' }); // not a superuser
  const { tables } = await copy(from, there);
  expect(await historyOf(there)).toStrictEqual(history);
  const back = sqlite('back');
  expect((await copy(there, back)).tables).toStrictEqual(tables);
  expect(await historyOf(back)).toStrictEqual(history);

  await using store = await openPostgresStore(there);
  await using reader = await openSqliteStore(join(directory.path, 'from'));
  const { cursor } = await reader.findFactsSince(undefined, 9);
  await store.claim(runningRun({ id: 'new', definition: '{"name":"new"}' }));
  await store.finish(passedRun({ id: 'new', definition: '{"name":"new"}' }));
  await store.saveDrillState(fullDrillState({ drill: 'new', schedules: [] }), [skipOf({ drill: 'new' })]);
  expect((await store.findFactsSince(cursor, 9)).facts.map(({ runId }) => runId)).toStrictEqual(['new']);
});

test('every table of PostgreSQL is copied, and sorts texts as SQLite does', async () => {
  const address = server.address();
  await (await openPostgresStore(address))[Symbol.asyncDispose]();
  const tables = await server.query('select tablename as name from pg_tables where schemaname = $1', [address.schema]);
  expect(tables.map(({ name }) => name).sort()).toStrictEqual(
    [...COPIED_TABLES.map(({ name }) => name), ...OWN_TABLES].sort(),
  );
  const otherOrder = await server.query(
    `select relname, attname from pg_attribute join pg_class on pg_class.oid = attrelid join pg_collation on pg_collation.oid = attcollation
     where relnamespace = $1::regnamespace and relkind = 'r' and collname <> 'C'`,
    [address.schema],
  );
  const keys = COPIED_TABLES.flatMap(({ name, key }) => key.map((column) => `${name}.${column}`));
  expect(otherOrder.filter(({ relname, attname }) => keys.includes(`${relname}.${attname}`))).toStrictEqual([]);
});

test.each(['9+', '20'])('a copy that is killed at transaction %s resumes', async (at) => {
  const there = server.address();
  const child = spawnSync(process.execPath, [CHILD, JSON.stringify(from), JSON.stringify(there), at], {
    encoding: 'utf8',
  });
  expect(child.signal, child.stderr).toBe('SIGKILL');
  const opened = openPostgresStore(there);
  await expect(opened).rejects.toMatchObject({
    code: 'store-incomplete',
    hint: expect.stringContaining('firedrill store copy'),
  });
  expect((await copy(from, there)).isContinued).toBe(true);
  expect(await historyOf(there)).toStrictEqual(history);
});

test('damage to a copy in PostgreSQL is found', async () => {
  const there = server.address();
  const damaged = copy(from, there, (target) => ({
    ...target,
    finish: async () =>
      void (await server.query(
        `set session_replication_role = replica; update ${there.schema}.stage set duration_ms = duration_ms * 1.0000000000000002 where run_id like '%aaaaaa'`,
      )),
  }));
  await expect(damaged).rejects.toMatchObject({
    code: 'store-differs',
    message: `the copy ${describeStore(there)} is not the same: stage: run_id 20261121-120000-aaaaaa, position 0 differs in duration_ms`,
  });
});

test('a missing schema is not created in order to copy it', async () => {
  const missing = server.address();
  await expect(copy(missing, sqlite('unused'))).rejects.toMatchObject({
    code: 'usage',
    message: `there is no history in ${describeStore(missing)}`,
  });
  expect(await server.query('select 1 from pg_namespace where nspname = $1', [missing.schema])).toStrictEqual([]);
});

function sqlite(name: string): StoreAddress {
  return { kind: 'sqlite', path: join(directory.path, name) };
}

function open(address: StoreAddress, side: 'from' | 'to'): Promise<CopyDatabase> {
  return address.kind === 'sqlite' ? openSqliteCopy(address.path, side) : openPostgresCopy(address, side);
}

async function copy(
  source: StoreAddress,
  target: StoreAddress,
  decorate: (database: CopyDatabase) => CopyDatabase = (database) => database,
) {
  await using one = await open(source, 'from');
  await using other = await open(target, 'to');
  return await copyStore(one, decorate(other), { now: () => NOON, isDead: () => false, tell: () => undefined });
}

async function historyOf(address: StoreAddress) {
  await using database = await open(address, 'from');
  return await readHistory(database);
}
