import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveRuns } from '../../../src/record/postgres/migrations/0005-live-runs.ts';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { PostgresAddress } from '../../../src/record/store-address.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../../support/run-records.ts';
import { alertOf, daemonOf, deliveryOf, drillState, jobOf, skipOf } from '../../support/schedule-records.ts';

const GUIDE = readFileSync(new URL('../../../docs/store.md', import.meta.url), 'utf8');
const GRANTS = Array.from(GUIDE.matchAll(/```sql\n([\s\S]*?)```/g), ([, sql]) => sql).join('\n');

let server: TestPostgres;
let address: PostgresAddress;
beforeAll(async () => {
  server = await startTestPostgres();
  address = server.address({ schema: 'firedrill' });
  {
    await using owner = await openPostgresStore(address);
    expect(await owner.findJobs()).toEqual([]); // makes the queue
  }
  await server.query(
    `${GRANTS}; create role writer login in role firedrill_writer; create role reader login in role firedrill_reader; create role stranger login`,
  );
});
afterAll(() => server[Symbol.asyncDispose]());

test('the privileges in the guide are enough to run drills, and no more', async () => {
  await using store = await openPostgresStore({ ...address, user: 'writer' });
  const due = { state: drillState(), skips: [skipOf()], maxRunning: 4 };
  expect(await store.claimDue(runningRun({ id: 'a' }), due)).toEqual({ kind: 'claimed' });
  await store.addStage('a', stageOf('locate', 1));
  await store.addLog('a', [{ at: NOON, level: 'info', message: 'x' }]);
  await store.extendLease('a', NOON);
  await store.saveLive([{ runId: 'a', savedAt: NOON, keptUntil: undefined, view: {} }]);
  expect(await store.commandRun({ kind: 'cancel', runId: 'a', by: 'alice', at: NOON })).toBe('accepted');
  await store.finish(failedRun({ id: 'a' }));
  await store.claim(runningRun({ id: 'b' }));
  await store.interruptAbandoned(NOON, () => 'gone');
  await store.beat(daemonOf());
  await store.beatRunner({ ...daemonOf(), pool: 'eu' });
  const queued = { state: drillState({ drill: 'shop' }), skips: [] };
  expect(await store.queueRun(jobOf({ drill: 'shop' }), queued.state, queued.skips)).toEqual({ kind: 'queued' });
  const [job] = await store.findJobs('eu');
  const claim = { ...queued, state: drillState({ drill: 'shop', version: 1 }), maxRunning: 4, job };
  expect(await store.claimDue(runningRun({ id: 'q', drill: 'shop' }), claim)).toEqual({ kind: 'claimed' });
  await store.saveAlert(alertOf(), [deliveryOf()]);
  await store.takeDeliveries(NOON, NOON, 9);
  await store.endDelivery(deliveryOf().id, { kind: 'sent', at: NOON });
  await store.keepSnapshot('text');
  await store.addToken({ id: 't', name: 'alice', role: 'operator', createdAt: NOON, hash: 'aa' });
  await store.addSession({ hash: 'bb', createdAt: NOON, expiresAt: NOON, tokenId: 't' });
  await store.noteUse('t', 'bb', NOON);
  await store.revokeToken('alice', NOON);
  await store.acknowledge({
    drill: 'orders',
    kind: 'acknowledged',
    fingerprint: undefined,
    at: NOON,
    by: 'alice',
    reason: 'known',
    until: undefined,
  });
  await store.saveDiscoveryProgress({ place: 'a', savedAt: NOON, state: '1' });
  await store.prune(NOON);
  await expect(ask('writer', 'alter table firedrill.run disable trigger all')).rejects.toThrow('must be owner');
  await expect(ask('writer', 'delete from firedrill.log_line')).rejects.toThrow('permission denied');
  await expect(ask('writer', 'update firedrill.store_version set version = 0')).rejects.toThrow('permission denied');
});

test('who ends runs may delete how they looked, also after an upgrade', async () => {
  await server.query(`create schema older; set search_path = older;
    create table stage (); create table daemon (); create table runner (); grant delete on stage to firedrill_writer; ${liveRuns}`);
  const [row] =
    await server.query(`select has_table_privilege('firedrill_writer', 'older.run_command', 'delete') as writer,
    has_table_privilege('firedrill_reader', 'older.run_command', 'delete') as reader`);
  expect(row).toEqual({ writer: true, reader: false });
});

test('a reader reads history, and is told what it lacks to write', async () => {
  await using owner = await openPostgresStore(address);
  await owner.claim(runningRun({ id: 'c' }));
  await owner.finish(passedRun({ id: 'c' }));
  await using store = await openPostgresStore({ ...address, user: 'reader' });
  expect((await store.getRun('c')).verdict).toBe('passed');
  expect(await store.getFactDrills()).toEqual(['orders']);
  await expect(store.claim(runningRun({ id: 'd' }))).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('this user lacks a privilege (permission denied for table'),
    hint: expect.stringContaining('docs/store.md'),
  });
  await expect(store.getTokens()).rejects.toMatchObject({ code: 'store-failed' });
});

test('a user that may not change an older schema is told who can', async () => {
  const version = await server.query('select version from firedrill.store_version');
  await server.query('update firedrill.store_version set version = 0');
  await expect(openPostgresStore({ ...address, user: 'writer' })).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('and this user may not change it'),
    hint: expect.stringContaining('firedrill list'),
  });
  await server.query('update firedrill.store_version set version = $1', [version[0]?.['version']]);
  await expect(openPostgresStore({ ...address, user: 'stranger' })).rejects.toMatchObject({ code: 'store-failed' });
  await expect(openPostgresStore({ ...address, user: 'stranger', schema: 'new' })).rejects.toMatchObject({
    message: expect.stringContaining('has no tables yet, and this user may not change it'),
  });
});

async function ask(user: string, sql: string) {
  return server.query(`set session authorization ${user}; ${sql}`);
}
