import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../src/record/sqlite/migrate.ts';
import { MIGRATIONS } from '../../../src/record/sqlite/migrations/migrations.ts';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../../support/run-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../support/temporary-directory.ts';

let directory: TemporaryDirectory;
let path: string;
beforeEach(() => {
  directory = makeTemporaryDirectory();
  path = join(directory.path, 'state', 'history.sqlite');
  mkdirSync(dirname(path));
});
afterEach(() => directory[Symbol.dispose]());

test('runs written by the first Firedrill are read as manual and counted, and can continue', async () => {
  writeFirstStore([
    ['passed-1', 'orders', 'completed', 'passed', null, []],
    ['passed-2', 'orders', 'completed', 'passed', null, []],
    ['passed-3', 'shop', 'completed', 'passed', null, []],
    ['failed-1', 'orders', 'completed', 'failed', null, ['too-slow', 'wrong-data', 'wrong-data']],
    ['failed-2', 'orders', 'completed', 'failed', null, ['too-slow']],
    ['failed-3', 'orders', 'completed', 'failed', null, []],
    ['errored', 'orders', 'errored', null, 'disk-full', []],
    ['interrupted', 'orders', 'interrupted', null, 'interrupted', []],
    ['running', 'orders', 'running', null, null, []],
  ]);
  await using store = await openSqliteStore(path);
  const { backup, sandbox, identity, ...passed } = await store.getRun('passed-1');
  expect(identity).toBe(undefined);
  expect(passed).toMatchObject({
    triggeredBy: 'by hand (alice)',
    trigger: { kind: 'hand', dueAt: undefined, attempt: 1 },
    startedAt: NOON,
  });
  expect(backup).toMatchObject({ key: 'orders.dump', selection: undefined, newestTakenAt: undefined });
  expect(sandbox).toMatchObject({ image: 'postgres:17', removed: true, dataBytes: undefined });
  expect(await store.getBaseline('orders')).toMatchObject({ runs: 2, dataExpansion: undefined });

  const before = [
    { drill: 'orders', outcome: 'errored', reason: 'disk-full', count: 1 },
    { drill: 'orders', outcome: 'failed', reason: '', count: 1 },
    { drill: 'orders', outcome: 'failed', reason: 'too-slow', count: 2 },
    { drill: 'orders', outcome: 'failed', reason: 'wrong-data', count: 1 },
    { drill: 'orders', outcome: 'interrupted', reason: 'interrupted', count: 1 },
    { drill: 'orders', outcome: 'passed', reason: '', count: 2 },
    { drill: 'shop', outcome: 'passed', reason: '', count: 1 },
  ];
  expect(await store.countRuns()).toStrictEqual(before);
  expect((await store.findRunning()).map(({ id }) => id)).toStrictEqual(['running']);
  await store.addStage('running', stageOf('locate', 1));
  await store.finish(failedRun({ id: 'running' }));
  expect((await store.countRuns())[2]).toStrictEqual({ ...before[2], count: 3 });
  await store.claim(runningRun({ id: 'new' }));
  await store.finish(passedRun({ id: 'new' }));
  expect(await store.getRun('new')).toStrictEqual(passedRun({ id: 'new' }));
});

test('older runs get only those facts about their end that their rows prove', async () => {
  const rows = [
    // id, status, verdict, the error's code and stage, trigger, sandbox removed, last stage
    ['canceled', 'interrupted', null, 'stopped', 'restore', 'schedule', 1, 'teardown'],
    ['ctrl-c', 'interrupted', null, 'interrupted', 'restore', 'schedule', 1, 'teardown'],
    ['lost', 'interrupted', null, 'interrupted', 'restore', 'schedule', 0, 'provision'],
    ['lost-at-the-end', 'interrupted', null, 'interrupted', null, 'schedule', 0, 'teardown'],
    ['late', 'completed', 'failed', 'too-slow', 'restore', 'schedule', 1, 'teardown'],
    ['broken', 'errored', null, 'disk-full', 'restore', 'schedule', 1, 'teardown'],
    ['broken-by-hand', 'errored', null, 'disk-full', 'restore', 'hand', 1, 'teardown'],
    ['kept', 'completed', 'passed', null, null, 'hand', 0, 'verify'],
    ['leaked', 'completed', 'failed', null, null, 'hand', 0, 'teardown'],
    ['passed', 'completed', 'passed', null, null, 'schedule', 1, 'teardown'],
  ] as const;
  const database = new DatabaseSync(path);
  migrate(database, path, MIGRATIONS.slice(0, 5));
  for (const [id, status, verdict, code, errorStage, trigger, removed, stage] of rows) {
    insertRun(database, [id, 'orders', 'running', null, code, []], `'${trigger}'`);
    database.prepare("insert into stage values (?, 0, ?, '', 1, 'ok')").run(id, stage);
    database
      .prepare('update run set status = ?, verdict = ?, error_stage = ?, sandbox_removed = ? where id = ?')
      .run(status, verdict, errorStage, removed, id);
  }
  database.close();
  await using store = await openSqliteStore(path);
  const known = await Promise.all(
    rows.map(async ([id]) => {
      const { endedBy, canceledBy, retryable, sandbox } = await store.getRun(id);
      return [id, endedBy, canceledBy, retryable, sandbox?.kept];
    }),
  );
  expect(known).toStrictEqual([
    ['canceled', 'user', undefined, false, undefined],
    ['ctrl-c', 'shutdown', undefined, true, undefined],
    ['lost', 'process-lost', undefined, true, undefined],
    ['lost-at-the-end', undefined, undefined, true, undefined],
    ['late', 'deadline', undefined, false, undefined],
    ['broken', undefined, undefined, true, undefined],
    ['broken-by-hand', undefined, undefined, false, undefined],
    ['kept', undefined, undefined, false, true],
    ['leaked', undefined, undefined, false, false],
    ['passed', undefined, undefined, false, undefined],
  ]);
  const facts = await store.findFacts({ drill: 'orders', fromMs: 0, toMs: 9e15 });
  expect(facts.filter(({ sandboxKept }) => sandboxKept).map(({ runId }) => runId)).toEqual(['kept']);
});

test('the schema rejects unknown triggers and statuses', async () => {
  const database = new DatabaseSync(path);
  migrate(database, path);
  expect(() => insertRun(database, ['a', 'orders', 'running', null, null, []], "'cosmic'")).toThrow(/CHECK constraint/);
  database.close();
});

type OldRun = [
  id: string,
  drill: string,
  status: string,
  verdict: string | null,
  errorCode: string | null,
  reasons: string[],
];

/** A store with schema 1, and rows as that version wrote them. */
function writeFirstStore(runs: readonly OldRun[]): void {
  const database = new DatabaseSync(path);
  migrate(database, path, MIGRATIONS.slice(0, 1));
  for (const run of runs) insertRun(database, run);
  database.close();
}

function insertRun(database: DatabaseSync, [id, drill, status, verdict, code, reasons]: OldRun, triggerKind?: string) {
  const now = NOON.toISOString();
  database.prepare('insert into drill values (?) on conflict do nothing').run(drill);
  database.exec("insert into definition values (1, 'ab', '{}') on conflict do nothing");
  database
    .prepare(
      `insert into run (id, drill, drill_file, definition_hash, definition_id, triggered_by, status, error_code,
        warnings, started_at, rto_ms, warn_at_ratio, counted_stages, deadline_ms, recovery_time_ms, backup_key, backup_source,
        backup_size_bytes, backup_taken_at, sandbox_runtime, sandbox_image, sandbox_removed, restore_error_count, restore_errors,
        lease_owner, lease_expires_at, firedrill_version ${triggerKind ? ', trigger_kind' : ''})
      values (?, ?, 'orders.yaml', 'ab', 1, 'by hand (alice)', 'running', ?,
        '[]', ?, 900000, 0.8, '[]', 3600000, 1000, 'orders.dump', 's3://acme/',
        48100, ?, 'docker', 'postgres:17', 1, 0, '[]',
        'db-host/boot/4242/1', ?, '0.1.0' ${triggerKind ? `, ${triggerKind}` : ''})`,
    )
    .run(id, drill, code, now, now, now);
  // In the order of the original: the parts first, the end last; after that the database itself rejects any change.
  for (const [position, reason] of reasons.entries()) {
    database.prepare("insert into reason values (?, ?, ?, 'a sentence', null)").run(id, position, reason);
  }
  database.prepare('update run set status = ?, verdict = ? where id = ?').run(status, verdict, id);
}

test('the reason of the last failed poll is read as a code and a message', async () => {
  const database = new DatabaseSync(path);
  migrate(database, path, MIGRATIONS.slice(0, 24));
  for (const [drill, error] of [
    ['orders', 'source-denied: s3://acme/: access denied: no'],
    ['shop', null],
  ] as const) {
    database.prepare('insert into drill (name) values (?)').run(drill);
    database.prepare('insert into drill_state (drill, version, look_error) values (?, 1, ?)').run(drill, error);
  }
  database.close();
  await using store = await openSqliteStore(path);
  expect((await store.getDrillStates()).map(({ drill, pollError }) => [drill, pollError])).toStrictEqual([
    ['orders', { code: 'source-denied', message: 's3://acme/: access denied: no' }],
    ['shop', undefined],
  ]);
});

test('costs of older runs are read from their records, which do not change', async () => {
  const database = new DatabaseSync(path);
  migrate(database, path, MIGRATIONS.slice(0, 29));
  insertRun(database, ['a', 'orders', 'running', null, null, []], "'hand'");
  const cost = { amount: 4, currency: 'USD' };
  const reading = { planned: { cost }, actual: { cost }, proof: { cost } };
  database.prepare('update run set reading = ?').run(JSON.stringify(reading));
  database.exec("update run set status = 'completed', verdict = 'passed'");
  database.close();
  await using store = await openSqliteStore(path);
  const budget = { limit: { amount: 9, currency: 'USD' }, from: new Date(0) };
  expect(await store.getSpending(budget, 'orders')).toStrictEqual({ amount: 8, estimate: 8, skipped: 0 });
  const reopened = new DatabaseSync(path);
  expect(() => reopened.exec('update run set cost = 0')).toThrow('never rewritten');
  reopened.close();
});
