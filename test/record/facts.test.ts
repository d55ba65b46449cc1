import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StageRecord } from '../../src/record/run-record.ts';
import { FACT_QUERIES } from '../../src/record/sqlite/fact-rows.ts';
import { migrate } from '../../src/record/sqlite/migrate.ts';
import { migration0003 } from '../../src/record/sqlite/migrations/0003-run-facts.ts';
import { migration0005 } from '../../src/record/sqlite/migrations/0005-stages-tile.ts';
import { migration0006 } from '../../src/record/sqlite/migrations/0006-endings.ts';
import { migration0017 } from '../../src/record/sqlite/migrations/0017-archive-lag.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let directory: TemporaryDirectory;
let path: string;
beforeEach(() => {
  directory = makeTemporaryDirectory();
  path = join(directory.path, 'history.sqlite');
});
afterEach(() => directory[Symbol.dispose]());

const ALL = { drill: 'orders', fromMs: 0, toMs: 9e15 };

test('a migrated store derives the same facts as one that recorded them', async () => {
  const { sandbox } = passedRun();
  const stages = [stageOf('locate', 1), stageOf('restore', 2), stageOf('restore', 3)];
  const isOld = ({ name }: StageRecord) => name !== 'plan' && name !== 'image-pull';
  const runs = [
    passedRun({ id: 'a' }),
    failedRun({ id: 'b', tier: undefined, sandbox: sandbox && { ...sandbox, image: 'postgres:18' } }),
    passedRun({ id: 'c', status: 'errored', verdict: undefined, sandbox: undefined, backup: undefined, checks: [] }),
    passedRun({ id: 'd', leaseOwner: 'other/boot/1/1', stages }),
  ].map((run) => ({ ...run, stages: run.stages.filter(isOld) }));
  const written = await withStore(async (store) => {
    await store.claim(runningRun({ id: 'on' }));
    for (const [index, run] of runs.entries()) {
      const startedAt = new Date(NOON.getTime() + index);
      await store.claim({ ...run, status: 'running', verdict: undefined, startedAt });
      await store.finish({ ...run, startedAt, endedAt: new Date(NOON.getTime() + 60_000 + index) });
    }
    return store.findFacts(ALL);
  });
  expect(written).toHaveLength(4);
  migrateAgain();
  await withStore(async (store) => {
    expect(await store.findFacts(ALL)).toStrictEqual(written);
    const { cursor } = await store.findFactsSince(undefined, 0);
    expect(await store.findNewestFacts({ drill: ALL.drill, limit: 10 })).toStrictEqual(written.toReversed());
    await store.finish(passedRun({ id: 'on', startedAt: new Date(NOON.getTime() + 9) }));
    expect((await store.findFactsSince(cursor, 10)).facts).toMatchObject([{ runId: 'on' }]);
  });
});

test('the database itself refuses to change or delete a fact', async () => {
  await withStore(async (store) => {
    await store.claim(runningRun());
    await store.finish(passedRun());
  });
  const database = new DatabaseSync(path);
  expect(() => database.exec('update run_fact set outcome = 1')).toThrow('never rewritten');
  expect(() => database.exec('delete from run_fact')).toThrow('never deleted');
  database.close();
});

test('a fact states how far the log archive was behind', async () => {
  const replay = { to: 'the end', end: undefined, lastCommit: undefined, firstLost: undefined, isWholeLog: true };
  const archive = { newest: '000000010000000000000007', storedAt: NOON, lagMs: 90_000 };
  const runs = [{ replay: { ...replay, archive } }, { replay }, {}];
  await withStore(async (store) => {
    for (const [index, run] of runs.entries()) {
      await store.claim(runningRun({ id: `run-${index}` }));
      await store.finish(passedRun({ id: `run-${index}`, ...run }));
    }
    const lags = (await store.findFacts(ALL)).map(({ archiveLagMs }) => archiveLagMs);
    expect(lags).toStrictEqual([90_000, undefined, undefined]);
    expect((await store.getRun('run-0')).replay).toStrictEqual({ ...replay, archive });
  });
});

test('facts from another process are readable, even with unknown names', async () => {
  await withStore(async (reader) => {
    expect(await reader.findFacts(ALL)).toStrictEqual([]);
    await withStore(async (writer) => {
      await writer.claim(runningRun());
      await writer.finish(passedRun());
    });
    expect(await reader.findFacts(ALL)).toMatchObject([{ drill: 'orders', context: { tier: 1, owner: 'payments' } }]);
  });
});

/** Each query uses the index made for it; that for the newest runs of every drill scans only the drills. */
test.for(Object.entries(FACT_QUERIES))('the query %s uses an index and does not sort', ([name, sql]) => {
  const database = new DatabaseSync(':memory:');
  migrate(database, ':memory:');
  const parameters = Object.fromEntries(Array.from(sql.matchAll(/:([a-z]+)/gi), ([, key = '']) => [key, 1]));
  const plan = database
    .prepare(`explain query plan ${sql}`)
    .all(parameters)
    .map((row) => String(row['detail']));
  database.close();
  expect(plan.length).toBeGreaterThan(0);
  const slow = (step: string) => /SCAN (run_fact|edge)/.test(step) || (/TEMP B-TREE/.test(step) && name !== 'recent');
  // `max(seq)` reads one end of its index, which SQLite calls a search.
  expect(plan.filter(slow)).toStrictEqual([]);
  const index = {
    firstPassed: 'passed',
    lastPassed: 'passed',
    firstFailed: 'failed',
    lastFailed: 'failed',
    firstBroken: 'broken',
  };
  const wanted = index[name as keyof typeof index];
  if (wanted) expect(plan.join()).toContain(`run_fact_${wanted}`);
});

async function withStore<T>(work: (store: Awaited<ReturnType<typeof openSqliteStore>>) => Promise<T>): Promise<T> {
  await using store = await openSqliteStore(path);
  return await work(store);
}

/** Removes the facts and derives them again, as if the store came from an older version. */
function migrateAgain(): void {
  const database = new DatabaseSync(path);
  for (const trigger of ['run_fact_written', 'run_fact_update', 'run_fact_delete'])
    database.exec(`drop trigger ${trigger}`);
  for (const table of ['run_fact', 'fact_drill', 'fact_context', 'fact_environment', 'fact_error']) {
    database.exec(`drop table ${table}`);
  }
  database.exec('drop table phase');
  database.exec(migration0003);
  database.exec(migration0005);
  for (const column of ['ended_by', 'canceled_by', 'retryable', 'sandbox_kept'])
    database.exec(`alter table run drop column ${column}`);
  database.exec(migration0006);
  database.exec(migration0017);
  database.close();
}
