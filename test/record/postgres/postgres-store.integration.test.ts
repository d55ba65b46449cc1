import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCosts } from '../../../src/record/postgres/migrations/0007-run-costs.ts';
import { MIGRATIONS } from '../../../src/record/postgres/migrations/migrations.ts';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { DaemonRecord } from '../../../src/record/schedule-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { describeStore, type PostgresAddress } from '../../../src/record/store-address.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';
import { NOON, passedRun, runningRun } from '../../support/run-records.ts';
import { daemonOf, deliveryOf, drillState, jobOf, skipOf } from '../../support/schedule-records.ts';

let server: TestPostgres;
let address: PostgresAddress;
beforeAll(async () => {
  server = await startTestPostgres();
  address = server.address();
  await (await openPostgresStore(address))[Symbol.asyncDispose]();
});
afterAll(() => server[Symbol.asyncDispose]());

test('the database itself refuses to rewrite a finished run or be emptied', async () => {
  await withStore(async (store) => {
    await store.claim(runningRun());
    await store.addLog(runningRun().id, [line('x')]);
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
    'update run_fact set outcome = 1',
    'delete from run_fact',
    'truncate run cascade',
    'truncate run_fact',
    'truncate log_line',
  ]) {
    const change = server.query(`set search_path = ${address.schema}; ${statement}`);
    await expect(change, statement).rejects.toThrow(/never (rewritten|deleted|sent again|emptied)/);
  }
});

test('costs of older runs are read from their records, which do not change', async () => {
  const older = server.address();
  await (await openPostgresStore(older))[Symbol.asyncDispose]();
  const ask = (sql: string) => server.query(`set search_path = ${older.schema}; ${sql}`);
  // Everything that this and later migrations add is removed, as if none had been applied.
  await ask('drop index run_cost, run_cost_of_drill; alter table run drop column cost, drop column cost_currency');
  await ask('alter table run drop column container_engine, drop column lease_beat_ms');
  await ask(
    'alter table daemon drop column seen_at, drop column engines; alter table runner drop column seen_at, drop column engines',
  );
  await ask(`update store_version set version = ${MIGRATIONS.indexOf(runCosts)}`);
  const cost = { amount: 4, currency: 'USD' };
  await ask(`insert into drill values ('orders'); insert into definition (sha256, json) values ('a', '{}');
    insert into run (id, drill, drill_file, definition_hash, definition_id, triggered_by, trigger_kind, attempt, status, warnings, started_at,
      rto_ms, warn_at_ratio, counted_stages, deadline_ms, restore_error_count, restore_errors, lease_owner, lease_expires_at, firedrill_version, reading)
    select 'a', 'orders', 'f', 'h', id, 'by hand', 'hand', 1, 'running', '[]', '${NOON.toISOString()}',
      1, 1, '[]', 1, 0, '[]', 'o', '', '1', '${JSON.stringify({ actual: { cost }, proof: { cost } })}' from definition;
    update run set status = 'completed', verdict = 'passed'`);
  await using store = await openPostgresStore(older);
  const budget = { limit: { amount: 9, currency: 'USD' }, from: new Date(0) };
  expect(await store.getSpending(budget, 'orders')).toStrictEqual({ amount: 8, estimate: 8, skipped: 0 });
  await expect(ask('update run set cost = 0')).rejects.toThrow('never rewritten');
});

test('the clock of the server decides what is old and which processes are the newest', async () => {
  await withStore(async (store) => {
    const future = new Date('2999-01-01T00:00:00.000Z');
    await store.saveDrillState(drillState(), [skipOf({ recordedAt: new Date() })]);
    expect(await store.prune(future)).toBe(0);
    for (let host = 0; host < 10; host += 1) await store.beat(heartbeatOf(`host-${host}`, future));
    await store.beatRunner({ ...heartbeatOf('runner', future), pool: 'eu' });
    await server.query(`set search_path = ${address.schema};
      insert into runner select (json_populate_record(runner, json_build_object('owner', 'runner-' || host))).*
      from runner, generate_series(1, 100) as host`);
    await store.beat(heartbeatOf('behind', new Date(0)));
    await store.beatRunner({ ...heartbeatOf('behind', new Date(0)), pool: 'eu' });
    const [scheduler] = await store.getDaemons();
    expect(scheduler?.owner).toBe('behind');
    const [runner, ...others] = await store.getRunners();
    expect([runner?.owner, others.length]).toStrictEqual(['behind', 101]);
  });
});

test('pages load while many runs wait to be written', async () => {
  const client = new pg.Client({ host: server.directory, user: 'owner', database: 'postgres' });
  await client.connect();
  await withStore(async (store) => {
    await client.query('select pg_advisory_lock($1, hashtext($2))', [0x4644524c, address.schema]);
    const claims = Array.from({ length: 10 }, (_, index) => store.claim(runningRun({ id: `run-${index}` })));
    expect(await store.findRuns({ limit: 1 })).toStrictEqual([]);
    await client.query('select pg_advisory_unlock_all()');
    await Promise.all(claims);
    expect(await store.findRuns({ limit: 20 })).toHaveLength(10);
  });
  await client.end();
});

test('a run keeps its lease while others write for longer than a heartbeat can wait', async () => {
  const client = new pg.Client({ host: server.directory, user: 'owner', database: 'postgres' });
  await client.connect();
  const { id } = runningRun();
  const expiresAt = new Date(NOON.getTime() + 3_600_000);
  await withStore(async (store) => {
    await store.claim(runningRun());
    await client.query('select pg_advisory_lock($1, hashtext($2))', [0x4644524c, address.schema]);
    const writes = Array.from({ length: 5 }, (_, index) => store.addLog(id, [line(String(index))]));
    await store.extendLease(id, expiresAt);
    expect(await store.findLeases()).toMatchObject([{ runId: id, expiresAt }]);
    await client.query('select pg_advisory_unlock_all()');
    await Promise.all(writes);
  });
  await client.end();
});

test('a newer schema and that of another program are refused and left unchanged', async () => {
  const newer = server.address();
  await (await openPostgresStore(newer))[Symbol.asyncDispose]();
  await server.query(`update ${newer.schema}.store_version set version = 99`);
  await expect(openPostgresStore(newer)).rejects.toMatchObject({
    code: 'store-newer',
    message: `the store ${describeStore(newer)} has schema 99, this Firedrill supports up to ${MIGRATIONS.length}`,
  });
  const foreign = server.address();
  await server.query(`create schema ${foreign.schema}; create table ${foreign.schema}.theirs (x int)`);
  await expect(openPostgresStore(foreign)).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('belongs to another program'),
  });
});

test('a process that is running goes on when a later version adds to the schema, and cannot be started again', async () => {
  const address = server.address();
  await using store = await openPostgresStore(address);
  await store.claim(runningRun());
  const added = ['run', 'run_fact', 'drill_state', 'runner'].map(
    (table) => `alter table ${table} add column later text`,
  );
  const version = `update store_version set version = ${MIGRATIONS.length + 1}`;
  await server.query(`set search_path = ${address.schema}; ${[...added, version].join('; ')}`);
  await store.finish(passedRun());
  await store.beatRunner({ ...daemonOf(), pool: 'eu' });
  await store.queueRun(jobOf(), drillState(), []);
  expect(await store.findRuns({ limit: 9 })).toMatchObject([{ verdict: 'passed' }]);
  expect([await store.getRunners(), await store.findJobs()]).toMatchObject([[{ pool: 'eu' }], [{ drill: 'orders' }]]);
  await expect(openPostgresStore(address)).rejects.toMatchObject({ code: 'store-newer' });
});

test('processes that start together create one schema', async () => {
  const fresh = server.address();
  const stores = await Promise.all([1, 2, 3].map(() => openPostgresStore(fresh)));
  await Promise.all(stores.map((store, index) => store.claim(runningRun({ id: `run-${index}` }))));
  expect(await stores[0]?.findRuns({ limit: 9 })).toHaveLength(3);
  for (const store of stores) await store[Symbol.asyncDispose]();
});

test('a reader that continues from its cursor sees every fact once, whoever ended the run', async () => {
  await withStore(async (reader) => {
    let { cursor } = await reader.findFactsSince(undefined, 0);
    const writers = await Promise.all([1, 2, 3].map(() => openPostgresStore(address)));
    let isWriting = true;
    const writing = Promise.all(
      writers.map(async (store, writer) => {
        for (let index = 0; index < 8; index += 1) {
          const run = { id: `${writer}-${index}`, drill: `drill-${writer}` };
          await store.claim(runningRun(run));
          await store.finish(passedRun(run));
        }
      }),
    ).finally(() => {
      isWriting = false;
    });
    const seen: string[] = [];
    const read = async () => {
      const since = await reader.findFactsSince(cursor, 5);
      cursor = since.cursor;
      seen.push(...since.facts.map(({ runId }) => runId));
      return since.facts.length;
    };
    while (isWriting) await read();
    await writing;
    while ((await read()) > 0);
    expect(seen).toHaveLength(24);
    expect(new Set(seen).size).toBe(24);
    for (const store of writers) await store[Symbol.asyncDispose]();
  });
});

test('the character 0, which Postgres cannot store, is stored as its symbol', async () => {
  await withStore(async (store) => {
    await store.claim(runningRun({ warnings: ['a\0b'], triggeredBy: 'a\0b' }));
    expect(await store.getRun(runningRun().id)).toMatchObject({ warnings: ['a\0b'], triggeredBy: 'a␀b' });
    await store.finish(passedRun({ warnings: ['a\0b'] }));
  });
});

test('one scheduler leads, and another takes over as soon as its session has ended or it stops', async () => {
  await withStore(async (store) => {
    await withStore(async (other) => {
      const first = store.openLead('a (process 1)');
      const second = other.openLead('b (process 2)');
      const end = () =>
        server.query(
          "select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name like '%(process 1)'",
        );
      expect(await first.renew()).toEqual({ isOwn: true });
      expect(await first.renew()).toEqual({ isOwn: true });
      expect(await second.renew()).toEqual({ isOwn: false, by: 'a (process 1)' });
      expect(await end()).toHaveLength(1);
      await expect(first.renew()).rejects.toMatchObject({ code: 'store-failed' });
      expect(await second.renew()).toEqual({ isOwn: true });
      expect(await first.renew()).toEqual({ isOwn: false, by: 'b (process 2)' });
      await second[Symbol.asyncDispose]();
      expect(await first.renew()).toEqual({ isOwn: true });
      await first[Symbol.asyncDispose]();
    });
  });
});

function heartbeatOf(owner: string, beatAt: Date): DaemonRecord {
  return { owner, startedAt: beatAt, beatAt, stoppedAt: undefined, firedrillVersion: '1', sandboxes: undefined };
}

async function withStore(
  work: (store: Store) => Promise<unknown>,
  changes: Partial<PostgresAddress> = {},
  options = {},
): Promise<void> {
  await server.empty(address.schema);
  await using store = await openPostgresStore({ ...address, ...changes }, options);
  await work(store);
}

function line(message: string) {
  return { at: NOON, level: 'info', message } as const;
}
