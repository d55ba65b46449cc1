import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { COMMON, RUNNER, SCHEDULER, SHORT } from '../../bench/fleet/drills.ts';
import { hourOf, requestOf } from '../../contracts/request-store-contract.ts';
import { discoveryOf, LOOKED_AT } from '../../support/discoveries.ts';
import { FleetFaults } from '../../support/fleet/fleet-faults.ts';
import { type FleetWorkspace, makeFleetWorkspace } from '../../support/fleet/fleet-workspace.ts';
import { createStoreRoles } from '../../support/postgres-store-roles.ts';
import { failedRun, NOON, runningRun, stageOf } from '../../support/run-records.ts';
import {
  alertOf,
  daemonOf,
  deliveryOf,
  drillState,
  dueClaim,
  fullDrillState,
  jobOf,
  skipOf,
} from '../../support/schedule-records.ts';

/** Fails at once because its backups are missing. */
const MISSING = {
  ...COMMON,
  backup: { source: '../backups', match: 'none-*.sql' },
  engine: { type: 'postgres' },
  checks: [{ name: 'rows are there', sql: 'select 1', expect: { equals: 1 } }],
};

const REQUESTS = { hours: [hourOf({})], requests: [requestOf({})] };

let fleet: FleetWorkspace;
beforeAll(async () => {
  fleet = await makeFleetWorkspace({
    sandboxes: 2,
    hosts: { east: { user: 'scheduler' }, a: { user: 'runner' } },
  });
  await createStoreRoles(fleet.postgres);
});
afterAll(() => fleet[Symbol.asyncDispose]());

test('a scheduler and a runner with the privileges of their roles run what is due, and warn of nothing', async () => {
  await fleet.oweRuns({ whole: SHORT, missing: MISSING });
  fleet.start('east', ...SCHEDULER);
  fleet.start('a', ...RUNNER);
  await new FleetFaults(fleet, () => 0).settled(2);
  for (const one of fleet.processes) one.kill('SIGTERM');
  for (const { ended } of fleet.processes) expect(await ended).toMatchObject({ code: 0 });
  expect(await fleet.store.findRuns({ limit: 9 })).toHaveLength(2);
  const said = fleet.processes.flatMap(({ lines }) => lines.filter(({ level }) => level !== 'info'));
  expect(said.filter(({ drill }) => drill !== 'missing')).toEqual([]);
});

test('the privileges of a runner are enough for all that it does', async () => {
  await withUser('runner', async (store, owner) => {
    const orders = drillState();
    await owner.queueRun(jobOf(), orders, []);
    const [job] = await store.findJobs('eu');
    await store.check();
    await store.beatRunner({ ...daemonOf(), pool: 'eu' });
    expect(await store.getRunners()).toHaveLength(1);
    expect(await store.saveDrillState({ ...orders, version: 1, waitsFor: 'for memory' }, [skipOf()])).toBe(true);
    const due = dueClaim({ state: drillState({ version: 2 }), job });
    expect(await store.claimDue(runningRun({ id: 'a' }), due)).toEqual({ kind: 'claimed' });
    await store.addStage('a', stageOf('locate', 1, 'ok', [{ name: 'fetch', durationMs: 1 }]));
    await store.addLog('a', [{ at: NOON, level: 'info', message: 'x' }]);
    await store.extendLease('a', NOON);
    for (const savedAt of [NOON, LOOKED_AT])
      await store.saveLive([{ runId: 'a', savedAt, keptUntil: undefined, view: {} }]);
    expect(await store.findCommands(['a'])).toEqual([]);
    await store.keepSnapshot('schema');
    for (let twice = 0; twice < 2; twice += 1) await store.addRequests(REQUESTS);
    await store.finish(failedRun({ id: 'a' }));
    await store.endLive(['a']);
    await owner.claim(runningRun({ id: 'b' }));
    expect(await store.interruptAbandoned(NOON, () => 'silent')).toHaveLength(1);
    expect(await store.findSilences({ from: NOON, to: NOON })).toEqual([]);
  });
});

test('the user of a runner can neither queue, alert nor acknowledge, nor read access tokens', async () => {
  await expectDenied('runner', [
    'insert into firedrill_queue.job_common default values',
    'insert into firedrill_queue.queue default values',
    'insert into firedrill.alert default values',
    'insert into firedrill.delivery default values',
    'select notice from firedrill.delivery',
    'insert into firedrill.acknowledgement default values',
    'update firedrill.acknowledgement set ended_at = made_at',
    'insert into firedrill.silence default values',
    'insert into firedrill.acceptance default values',
    'insert into firedrill.drill_schedule default values',
    'insert into firedrill.daemon default values',
    'insert into firedrill.run_command default values',
    'select hash from firedrill.access_token',
    'insert into firedrill.access_token default values',
    'delete from firedrill.skip',
    'delete from firedrill.run',
    'delete from firedrill.log_line',
    'update firedrill.run_fact set outcome = 0',
    'update firedrill.store_version set version = 0',
  ]);
});

test('the privileges of a scheduler are enough for all that it does', async () => {
  await withUser('scheduler', async (store, owner) => {
    await owner.claim(runningRun({ id: 'a', drill: 'other', sandbox: failedRun().sandbox }));
    await owner.saveLive([{ runId: 'a', savedAt: NOON, keptUntil: undefined, view: {} }]);
    await owner.acknowledge({
      drill: 'orders',
      kind: 'acknowledged',
      fingerprint: undefined,
      at: NOON,
      by: 'alice',
      reason: 'known',
      until: undefined,
    });
    await owner.addToken({ id: 't', name: 'prometheus', role: 'viewer', createdAt: NOON, hash: 'aa' });
    await using lead = store.openLead('east (process 1)');
    expect(await lead.renew()).toEqual({ isOwn: true });
    for (const beatAt of [NOON, LOOKED_AT]) await store.beat(daemonOf({ beatAt }));
    const schedules = fullDrillState().schedules;
    const open = schedules.map((schedule) => ({ ...schedule, knownUntil: undefined }));
    expect(await store.saveDrillState(fullDrillState({ schedules: open }), [])).toBe(true);
    expect(await store.saveDrillState(fullDrillState({ version: 1 }), [skipOf()])).toBe(true);
    expect(await store.queueRun(jobOf(), fullDrillState({ version: 2 }), [])).toEqual({ kind: 'queued' });
    const [job] = await store.findJobs();
    expect(await store.queueRun(jobOf(), fullDrillState({ version: 3 }), [], job)).toEqual({ kind: 'queued' });
    const [newer] = await store.findJobs();
    expect(newer && (await store.removeJob(newer))).toBe(true);
    expect(await store.interruptAbandoned(NOON, () => 'silent')).toHaveLength(1);
    for (const version of [0, 1]) await store.saveAlert(alertOf({ version }), [deliveryOf({ id: `d${version}` })]);
    await store.enqueue([deliveryOf({ id: 'e', key: 'e' })]);
    await store.takeDeliveries(NOON, NOON, 9);
    await store.endDelivery('e', { kind: 'sent', at: NOON });
    expect(await store.endAcknowledgement('orders', NOON, 'firedrill')).toBe(true);
    for (let twice = 0; twice < 2; twice += 1) await store.addRequests(REQUESTS);
    for (const endedAt of [NOON, LOOKED_AT]) await store.saveDiscovery(discoveryOf([], { endedAt }));
    for (const state of ['1', '2']) await store.saveDiscoveryProgress({ place: 'a', savedAt: NOON, state });
    await store.prune(NOON);
    expect(await store.findToken('aa')).toMatchObject({ name: 'prometheus' });
    await store.noteUse('t', undefined, NOON);
  });
});

test('the user of a scheduler can neither start a run nor give it a verdict', async () => {
  await expectDenied('scheduler', [
    'insert into firedrill.run default values',
    "update firedrill.run set verdict = 'passed'",
    'update firedrill.run set recovery_time_ms = 1',
    'insert into firedrill.stage default values',
    'insert into firedrill.check_result default values',
    'delete from firedrill.check_result',
    'insert into firedrill.log_line default values',
    'insert into firedrill.acceptance default values',
    'insert into firedrill.silence default values',
    'update firedrill.acknowledgement set made_by = ended_by',
    'insert into firedrill.access_token default values',
    "update firedrill.access_token set role = 'operator'",
    'insert into firedrill.runner default values',
    'update firedrill.store_version set version = 0',
  ]);
});

/** @param work gets the store of that user, which is empty, and that of its owner. */
async function withUser(user: string, work: (store: Store, owner: Store) => Promise<void>): Promise<void> {
  const { postgres, store: owner } = fleet;
  await postgres.empty('firedrill');
  await using store = await openPostgresStore(postgres.address({ schema: 'firedrill', user }));
  await work(store, owner);
}

async function expectDenied(user: string, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    const asked = fleet.postgres.query(`set session authorization ${user}; ${statement}`);
    await expect(asked, statement).rejects.toThrow('permission denied');
  }
}
