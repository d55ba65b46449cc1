import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import { passedRun, runningRun } from '../../support/run-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../support/temporary-directory.ts';

let directory: TemporaryDirectory;
let path: string;
beforeEach(() => {
  directory = makeTemporaryDirectory();
  path = join(directory.path, 'state', 'history.sqlite');
});
afterEach(() => directory[Symbol.dispose]());

test('a store whose file was deleted reports it and accepts no runs, which SQLite would write to a deleted file', async () => {
  await using store = await open();
  await store.claim(runningRun());
  rmSync(path);
  const gone = {
    code: 'store-failed',
    message: `the store ${path} was deleted, or its disk unmounted, while it was open`,
    hint: expect.stringMatching(/^Firedrill stopped writing to it\. .*\.$/),
  };
  await expect(store.check()).rejects.toMatchObject(gone);
  await expect(store.claim(runningRun({ id: 'lost' }))).rejects.toMatchObject(gone);
  await expect(store.finish(passedRun())).rejects.toMatchObject(gone);
  expect(await store.findRuns({ limit: 9 })).toStrictEqual([runningRun()]);
});

test('a store whose directory was renamed or deleted reports it', async () => {
  await using store = await open();
  renameSync(join(directory.path, 'state'), join(directory.path, 'elsewhere'));
  await expect(store.check()).rejects.toMatchObject({ code: 'store-failed' });
  renameSync(join(directory.path, 'elsewhere'), join(directory.path, 'state'));
  await store.check();
  rmSync(join(directory.path, 'state'), { recursive: true });
  await expect(store.check()).rejects.toMatchObject({ code: 'store-failed' });
});

test("a store whose file was replaced, by a copy or by another process's store, reports it", async () => {
  await using store = await open();
  await store.claim(runningRun());
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
  await expect(store.check()).rejects.toMatchObject({
    code: 'store-failed',
    message: `the store ${path} was replaced by another file while it was open`,
  });
  await expect(store.claim(runningRun({ id: 'lost' }))).rejects.toMatchObject({ code: 'store-failed' });
});

test('a store whose write-ahead log or index was deleted reports it', async () => {
  for (const suffix of ['-wal', '-shm']) {
    const other = join(directory.path, suffix, 'history.sqlite');
    await using store = await openSqliteStore(other);
    rmSync(other + suffix);
    await expect(store.check()).rejects.toMatchObject({
      code: 'store-failed',
      message: `the store ${other}: ${other}${suffix} was deleted, or its disk unmounted, while it was open`,
    });
  }
});

test('a new store replaces a lost one, and closing the lost one does not damage it', async () => {
  const lost = await open();
  rmSync(path);
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix);
  await using store = await open();
  await store.claim(runningRun());
  await expect(lost.claim(runningRun({ id: 'lost' }))).rejects.toMatchObject({ code: 'store-failed' });
  await lost[Symbol.asyncDispose]();
  await store.check();
  await store.finish(passedRun());
  expect(await store.findRuns({ limit: 9 })).toStrictEqual([passedRun()]);
});

test('a transaction is not reported as saved when the file was deleted during it', async () => {
  await using store = await open();
  const run = runningRun();
  await expect(
    store.claim({
      ...run,
      get warnings() {
        rmSync(path, { force: true });
        return [];
      },
    }),
  ).rejects.toMatchObject({ code: 'store-failed' });
});

test('a check waits for a lock as long as a write does, and reports one that is held too long', async () => {
  await using store = await openSqliteStore(path, { lockWaitMs: 50 });
  const other = new DatabaseSync(path);
  other.exec('begin immediate');
  await expect(store.check()).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining(`the store ${path}: locked by another process for too long`),
  });
  other.exec('rollback');
  other.close();
  await store.check();
});

test('other connections that open, write and close leave the files as they are', async () => {
  await using store = await open();
  for (const id of ['a', 'b']) {
    await using other = await open();
    await other.claim(runningRun({ id }));
  }
  const outside = new DatabaseSync(path);
  outside.exec('pragma wal_checkpoint(truncate)');
  outside.close();
  await store.check();
  expect(await store.findRuns({ limit: 9 })).toHaveLength(2);
});

test.skipIf(!existsSync('/proc/locks'))('opening a store a second time keeps the locks of the first', async () => {
  await using store = await open();
  await store.claim(runningRun());
  const locks = readLocks();
  expect(locks).not.toStrictEqual([]);
  const second = await open();
  expect(readLocks()).toStrictEqual(locks);
  await second[Symbol.asyncDispose]();
  expect(readLocks()).toStrictEqual(locks);
});

test('an empty file becomes a store', async () => {
  mkdirSync(join(directory.path, 'state'));
  writeFileSync(path, '', { mode: 0o600 });
  await using store = await open();
  await store.claim(runningRun());
  await store.check();
});

function open() {
  return openSqliteStore(path);
}

/** The locks that this process holds on the file, proc_locks(5): kind, first and last byte. */
function readLocks(): string[] {
  const lines = readFileSync('/proc/locks', 'utf8').split('\n');
  const ours = lines.map((line) => line.trim().split(/\s+/)).filter((words) => words[4] === String(process.pid));
  return ours
    .filter((words) => words[5]?.endsWith(`:${statSync(path).ino}`))
    .map((words) => [words[3], words[6], words[7]].join(' '));
}
