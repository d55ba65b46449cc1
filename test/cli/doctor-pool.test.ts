import { expect, it } from 'vitest';
import { describePool } from '../../src/cli/commands/doctor-pool.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON } from '../support/run-records.ts';
import { daemonOf, drillState, jobOf } from '../support/schedule-records.ts';

const WAITS = "for its drill file: drills/orders.yaml on runner b differs from the scheduler's; deploy the same files";
const later = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);

/** A pool with a runner and a run queued at noon. */
async function pool() {
  const store = createMemoryStore();
  await store.beatRunner({ ...daemonOf({ owner: 'b/boot/1/1', beatAt: NOON }), pool: 'eu' });
  const job = jobOf({ drill: 'orders', pool: 'eu', definitionHash: 'aa', waitingSince: NOON });
  await store.queueRun(job, drillState({ waitsFor: WAITS }), []);
  return store;
}
const ORDERS = { name: 'orders', definitionHash: 'aa' };

it('accepts a pool whose runner is about to start what is queued', async () => {
  expect(await describePool('eu', [ORDERS], await pool(), later(10))).toBe('pool eu is served by b; queued: orders');
});

it('says what a queued run waits for although its pool is served', async () => {
  await expect(describePool('eu', [ORDERS], await pool(), later(90))).rejects.toMatchObject({
    message: 'pool eu is served by b; queued: orders',
    details: [`orders waits ${WAITS}`],
    hint: undefined,
  });
});

it('says at once that a drill of this machine differs from the queued one, and what to do', async () => {
  const here = { ...ORDERS, definitionHash: 'bb' };
  await expect(describePool('eu', [here], await pool(), later(10))).rejects.toMatchObject({
    details: [],
    hint: expect.stringContaining('orders differs here from what is queued'),
  });
});

it('names all drills of this machine that differ', async () => {
  const store = await pool();
  await store.queueRun(jobOf({ drill: 'billing', pool: 'eu' }), drillState({ drill: 'billing' }), []);
  const here = ['orders', 'billing'].map((name) => ({ name, definitionHash: 'bb' }));
  await expect(describePool('eu', here, store, later(10))).rejects.toMatchObject({
    hint: expect.stringContaining('orders, billing differ here'),
  });
});
