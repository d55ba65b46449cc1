import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../src/record/sqlite/migrate.ts';
import { MIGRATIONS } from '../../../src/record/sqlite/migrations/migrations.ts';
import { asStoreError } from '../../../src/record/sqlite/sqlite-errors.ts';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { NOON, passedRun, runningRun, stageOf } from '../../support/run-records.ts';
import { daemonOf, deliveryOf, drillState, skipOf } from '../../support/schedule-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../support/temporary-directory.ts';

let directory: TemporaryDirectory;
let path: string;
beforeEach(() => {
  directory = makeTemporaryDirectory();
  path = join(directory.path, 'state', 'history.sqlite');
});
afterEach(() => directory[Symbol.dispose]());

test('the file and its directory are private to this user', async () => {
  await using store = await openSqliteStore(path);
  await store.claim(runningRun());
  expect(statSync(join(directory.path, 'state')).mode & 0o777).toBe(0o700);
  for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
});

test('closing leaves one file, and history is intact after reopening', async () => {
  await withStore(async (store) => {
    await store.claim(runningRun());
    await store.finish(passedRun());
  });
  expect(existsSync(`${path}-wal`)).toBe(false);
  await withStore(async (store) => expect(await store.getRun(passedRun().id)).toStrictEqual(passedRun()));
});

test('a claim is on disk before it returns, and another connection sees it at once', async () => {
  await withStore(async (store) => {
    await store.claim(runningRun());
    expect(query('select status from run')).toStrictEqual([{ status: 'running' }]);
  });
});

test('every recently seen runner is kept, and the newest hundred of the others', async () => {
  const add = (host: string, beatAt: Date) =>
    query(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 150)
      insert into runner select '${host}-' || i || '/boot/1/1', 'eu', '2026', '${beatAt.toISOString()}', null, '0.1.0', 4, null, null from n`);
  await withStore(async (store) => {
    add('old', new Date(NOON.getTime() - 3_600_000));
    await store.beatRunner({ ...daemonOf(), pool: 'eu' });
    expect(await store.getRunners()).toHaveLength(100);
    add('recent', new Date(NOON.getTime() - 60_000));
    await store.beatRunner({ ...daemonOf(), pool: 'eu' });
    expect(await store.getRunners()).toHaveLength(151);
  });
});

test('the database itself refuses to rewrite a finished run', async () => {
  await withStore(async (store) => {
    await store.claim(runningRun());
    await store.addLog(runningRun().id, [{ at: NOON, level: 'info', message: 'x' }]);
    await store.finish(passedRun());
    await store.saveDrillState(drillState(), [skipOf()]);
    await store.enqueue([deliveryOf()]);
    await store.endDelivery(deliveryOf().id, { kind: 'sent', at: NOON });
  });
  for (const statement of [
    "update run set verdict = 'failed'",
    "update run set status = 'running', verdict = null",
    'delete from run',
    'delete from stage',
    'update stage set duration_ms = 1',
    `insert into stage values ('${passedRun().id}', 99, 'verify', '', 1, 'ok')`,
    'update check_result set passed = 1',
    'delete from check_result',
    'delete from log_line',
    "update log_line set message = ''",
    "update skip set reason = ''",
    "update delivery set status = 'pending'",
  ]) {
    expect(() => query(statement), statement).toThrow(/never (rewritten|deleted|sent again)/);
  }
});

test('several stores in one process can write at once without deadlock', async () => {
  await using first = await openSqliteStore(path);
  await using second = await openSqliteStore(path);
  const ids = Array.from({ length: 40 }, (_, index) => `run-${index}`);
  await Promise.all(
    ids.map(async (id, index) => {
      const store = index % 2 === 0 ? first : second;
      await store.claim(runningRun({ id }));
      await store.addStage(id, stageOf('locate', index));
      await store.finish(passedRun({ id }));
    }),
  );
  expect(await first.findRuns({ limit: 100 })).toHaveLength(40);
});

test('a store locked for longer than the wait is reported, without blocking the process', async () => {
  await using store = await openSqliteStore(path, { lockWaitMs: 500 });
  const other = new DatabaseSync(path);
  other.exec('begin immediate');
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 10);
  await expect(store.claim(runningRun())).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining(`${path}: locked by another process for too long`),
  });
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(5);
  expect(await store.findRuns({ limit: 1 })).toStrictEqual([]);
  other.exec('rollback');
  other.close();
  await store.claim(runningRun());
});

test('a store with a newer schema is refused and left unchanged', async () => {
  await withStore((store) => store.claim(runningRun()));
  query('pragma user_version = 99');
  await expect(openSqliteStore(path)).rejects.toMatchObject({
    code: 'store-newer',
    message: `the store ${path} has schema 99, this Firedrill supports up to ${MIGRATIONS.length}`,
  });
  expect(query('pragma user_version')).toStrictEqual([{ user_version: 99 }]);
});

test('a missing migration is applied to an older store, and one that fails changes nothing', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, 'x', ['create table a (x)']);
  expect(() => migrate(database, 'x', ['', 'create table b (x)', 'no sql'])).toThrow('near "no"');
  expect(database.prepare('pragma user_version').get()).toEqual({ user_version: 1 });
  migrate(database, 'x', ['', 'create table b (x)']);
  expect(database.prepare('select name from sqlite_schema').all()).toEqual([{ name: 'a' }, { name: 'b' }]);
  database.close();
});

test('the database of another program is refused and left unchanged', async () => {
  mkdirSync(join(directory.path, 'state'));
  query('create table theirs (x)');
  await expect(openSqliteStore(path)).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('belongs to another program'),
  });
  expect(query('select name from sqlite_schema')).toStrictEqual([{ name: 'theirs' }]);
});

test('a file that is not a database, a damaged one and a directory are reported with the path and the next step', async () => {
  mkdirSync(join(directory.path, 'state'));
  writeFileSync(path, 'not a database, but long enough to look like one to somebody'.repeat(100));
  await expectStoreFailed(path, 'not an SQLite database');
  await expectStoreFailed(directory.path, 'it cannot be opened');
  await expectStoreFailed(join(path, 'below-a-file'), 'it cannot be opened');
});

test('a damaged page is reported on read', async () => {
  await withStore((store) => store.claim(runningRun()));
  const bytes = Buffer.alloc(statSync(path).size - 4096, 0xa5);
  const { writeSync, openSync, closeSync } = await import('node:fs');
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, 4096);
  closeSync(file);
  await expect(withStore((store) => store.getRun(runningRun().id))).rejects.toMatchObject({ code: 'store-failed' });
});

test.skipIf(process.getuid?.() === 0)('a directory without permissions is reported', async () => {
  mkdirSync(join(directory.path, 'locked'));
  chmodSync(join(directory.path, 'locked'), 0o500);
  await expectStoreFailed(join(directory.path, 'locked', 'deeper', 'x.sqlite'), 'permission denied');
});

test('a full disk has one code, whether SQLite or the system reports it', () => {
  const full = asStoreError(Object.assign(new Error('database or disk is full'), { errcode: 13 }), path);
  expect(full).toMatchObject({ code: 'disk-full', message: `no space is left for the store ${path}` });
  expect(asStoreError(Object.assign(new Error('x'), { code: 'ENOSPC' }), path).code).toBe('disk-full');
  const denied = asStoreError(Object.assign(new Error('mkdir'), { code: 'EACCES' }), path);
  expect(denied).toMatchObject({ code: 'store-failed', message: `the store ${path}: permission denied (mkdir)` });
});

async function withStore(work: (store: Store) => Promise<unknown>): Promise<void> {
  await using store = await openSqliteStore(path);
  await work(store);
}

function query(statement: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path);
  try {
    return database
      .prepare(statement)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

async function expectStoreFailed(where: string, words: string): Promise<void> {
  await expect(openSqliteStore(where)).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining(`the store ${where}: ${words}`),
    hint: expect.stringMatching(/\.$/),
  });
}
