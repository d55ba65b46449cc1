import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COPIED_TABLES, OWN_TABLES } from '../../../src/record/copy/copied-tables.ts';
import type { CopyDatabase } from '../../../src/record/copy/copy-database.ts';
import { copyStore } from '../../../src/record/copy/copy-store.ts';
import { openSqliteCopy } from '../../../src/record/sqlite/sqlite-copy.ts';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { fillHistory, readHistory } from '../../support/full-history.ts';
import { NOON, passedRun, runningRun } from '../../support/run-records.ts';
import { daemonOf } from '../../support/schedule-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../support/temporary-directory.ts';

/** Written by the queue, not by the store. */
const RUNNER =
  "insert into runner values ('db-host/boot/4243/1', 'eu', '2026', '2026', '2026', '0.1.0', 4, null, null)";

let directory: TemporaryDirectory;
let from: string;
let to: string;
beforeEach(async () => {
  directory = makeTemporaryDirectory();
  from = join(directory.path, 'from.db');
  to = join(directory.path, 'to.db');
  await withStore(from, fillHistory);
  ask(from, RUNNER);
});
afterEach(() => directory[Symbol.dispose]());

test('every table of a store is copied by its primary key', () => {
  const tables = ask(from, "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'");
  const copied = [...COPIED_TABLES.map(({ name }) => name), ...OWN_TABLES.filter((name) => name !== 'store_version')];
  expect(tables.map(({ name }) => name).sort()).toStrictEqual(copied.sort());
  for (const { name, key } of COPIED_TABLES) {
    const columns = ask(from, `select name from pragma_table_info('${name}') where pk > 0 order by pk`);
    expect(
      columns.map((column) => column['name']),
      name,
    ).toStrictEqual(key);
    expect(ask(from, `select count(*) as count from "${name}"`)[0]?.['count'], name).toBeGreaterThan(0);
  }
});

test('a copy holds the same rows, works as a store, and refuses to rewrite history', async () => {
  const { tables, isContinued, hasChanged } = await copy();
  expect({ isContinued, hasChanged }).toStrictEqual({ isContinued: false, hasChanged: false });
  expect(tables.find(({ table }) => table === 'log_line')).toMatchObject({
    rows: 1500,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await historyOf(to)).toStrictEqual(await historyOf(from));
  await withStore(to, async (store) => {
    await store.claim(runningRun({ id: 'new' }));
    await store.finish(passedRun({ id: 'new' }));
    expect((await store.getRun('new')).verdict).toBe('passed');
  });
  expect(() => ask(to, "insert into reason values ('20261121-110000-bbbbbb', 9, 'x', '', null)")).toThrow(
    'never rewritten',
  );
});

test('a copy that is cut off before or after a commit resumes, and ends with the same rows', async () => {
  let commits = 0;
  await copy(from, to, (target) => ({
    ...target,
    transaction(...work) {
      commits += 1;
      return target.transaction(...work);
    },
  }));
  const history = await historyOf(from);
  for (const cut of [0, 1, 2, 7, 16, 2 * commits - 2]) {
    const path = join(directory.path, `cut-${cut}.db`);
    await expect(copy(from, path, (target) => cutOff(target, cut))).rejects.toThrow('cut');
    if (cut > 0) await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-incomplete' });
    const { isContinued } = await copy(from, path);
    expect(isContinued).toBe(cut > 0);
    expect(await historyOf(path), String(cut)).toStrictEqual(history);
  }
  const path = join(directory.path, 'ended.db');
  await expect(copy(from, path, (target) => cutOff(target, 2 * commits - 1))).rejects.toThrow('cut');
  expect(await historyOf(path)).toStrictEqual(history);
});

test('an unfinished copy is refused by every command, with the command that finishes it', async () => {
  await expect(copy(from, to, (target) => cutOff(target, 20))).rejects.toThrow('cut');
  await expect(openSqliteStore(to)).rejects.toMatchObject({
    code: 'store-incomplete',
    message: `the store ${to} holds an unfinished copy of ${from}`,
    hint: expect.stringContaining(`firedrill store copy ${from} ${to}`),
  });
  await expect(copy(to, join(directory.path, 'third.db'))).rejects.toMatchObject({ code: 'store-incomplete' });
  const other = join(directory.path, 'other.db');
  await withStore(other, async () => undefined);
  await expect(copy(other, to)).rejects.toMatchObject({ code: 'store-incomplete' });
});

test('a store with history is not copied into', async () => {
  await copy();
  await expect(copy()).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(`the store ${to} already holds a copy of ${from}, made on`),
  });
  const other = join(directory.path, 'other.db');
  await withStore(other, (store) => store.claim(runningRun({ leaseExpiresAt: NOON })));
  await expect(copy(from, other)).rejects.toMatchObject({
    code: 'usage',
    message: `the store ${other} is not empty: it holds 1 run`,
  });
  const served = join(directory.path, 'served.db');
  await withStore(served, (store) => store.beat(daemonOf()));
  await expect(copy(from, served)).rejects.toMatchObject({
    message: `the store ${served} is not empty: it holds 0 runs, but rows in daemon`,
  });
});

test('a missing store is not created in order to copy it', async () => {
  const missing = join(directory.path, 'missing.db');
  await expect(copy(missing, to)).rejects.toMatchObject({
    code: 'usage',
    message: `there is no history in ${missing}`,
  });
  expect(existsSync(missing)).toBe(false);
});

test('a store used by a run or scheduler is not copied, but one whose process is gone is', async () => {
  await withStore(from, (store) =>
    store.claim(runningRun({ id: 'now', leaseExpiresAt: new Date(NOON.getTime() + 1) })),
  );
  await expect(copy()).rejects.toMatchObject({
    code: 'store-failed',
    message: `the store ${from} is in use: run now is in progress (process 4242 on db-host)`,
  });
  await withStore(from, (store) => store.finish(passedRun({ id: 'now' })));
  await withStore(from, (store) => store.beat(daemonOf({ beatAt: new Date(NOON.getTime() - 15_000) })));
  await expect(copy()).rejects.toMatchObject({
    message: `the store ${from} is in use: a scheduler uses it (process 4242 on db-host, seen 15 s ago)`,
  });
  await copy(
    from,
    to,
    (target) => target,
    () => true,
  );
});

test('changes made to a store while it is copied are not in the copy, and are reported', async () => {
  const before = await historyOf(from);
  const late = async () => {
    if (ask(from, "select 1 from run where id = 'late'").length > 0) return;
    await withStore(from, async (store) => {
      await store.claim(runningRun({ id: 'late' }));
      await store.finish(passedRun({ id: 'late' }));
    });
  };
  const { hasChanged } = await copy(from, to, (target) => ({
    ...target,
    transaction: async (isDurable, work) => {
      await late();
      return target.transaction(isDurable, work);
    },
  }));
  expect(hasChanged).toBe(true);
  expect(await historyOf(to)).toStrictEqual(before);
});

test.each([
  "update access_token set revoked_at = '2026-11-21T12:00:00.000Z' where revoked_at is null",
  "update silence set ended_at = '2026-11-21T12:00:00.000Z', ended_by = 'alice' where ended_at is null",
  "insert into runner values ('db-host/boot/4244/1', 'eu', '2027', '2027', null, '0.1.0', 4, null, null)",
])('a change that does not affect the number of runs is also reported: %s', async (change) => {
  let isDone = false;
  const { hasChanged } = await copy(from, to, (target) => ({
    ...target,
    async finish() {
      if (!isDone) ask(from, change);
      isDone = true;
    },
  }));
  expect(hasChanged).toBe(true);
});

test.each([
  ['update request set "key" = \'x\' where id = 2', 'request: id 2 differs in key'],
  ["insert into drill values ('added')", 'drill: name added is in the copy only'],
  ["insert into snapshot select 'ff' || substr(sha256, 3), body from snapshot", 'snapshot: sha256 ff'],
  ['delete from request_hour', 'endpoint https://objects.example.com, operation GetObject is missing'],
  ["update access_session set created_at = ''", 'access_session: row 1 differs in created_at'],
])('damage to a copy is found: %s', async (damage, message) => {
  const damaged = copy(from, to, (target) => ({
    ...target,
    async finish() {
      await target.transaction(false, async () => void (await target.query(damage)));
    },
  }));
  await expect(damaged).rejects.toMatchObject({ code: 'store-differs', message: expect.stringContaining(message) });
  await expect(openSqliteStore(to)).rejects.toMatchObject({ code: 'store-incomplete' });
});

async function copy(
  source = from,
  target = to,
  decorate: (database: CopyDatabase) => CopyDatabase = (database) => database,
  isDead = () => false,
) {
  await using one = await openSqliteCopy(source, 'from');
  await using other = await openSqliteCopy(target, 'to');
  return await copyStore(one, decorate(other), { now: () => NOON, isDead, tell: () => undefined });
}

/** Fails before the commit of every second transaction, and after the commit of the others. */
function cutOff(target: CopyDatabase, at: number): CopyDatabase {
  let left = Math.floor(at / 2);
  return {
    ...target,
    async transaction(isDurable, work) {
      left -= 1;
      if (left >= 0) return target.transaction(isDurable, work);
      await target.transaction(isDurable, async () => {
        await work();
        if (at % 2 === 0) throw new Error('cut');
      });
      throw new Error('cut');
    },
  };
}

async function historyOf(path: string) {
  await using database = await openSqliteCopy(path, 'from');
  return await readHistory(database);
}

async function withStore(path: string, work: (store: Store) => Promise<unknown>): Promise<void> {
  await using store = await openSqliteStore(path);
  await work(store);
}

function ask(path: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path);
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}
