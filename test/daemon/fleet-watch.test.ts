import { expect, it } from 'vitest';
import { FleetWatch } from '../../src/daemon/fleet-watch.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON } from '../support/run-records.ts';
import { daemonOf } from '../support/schedule-records.ts';

it('reports a runner whose heartbeat is overdue, whatever its clock says, until it sends another or stops', async () => {
  const store = createMemoryStore();
  let nowMs = 0;
  const watch = new FleetWatch({ store, clock: { monotonicMs: () => nowMs } });
  const beat = (owner: string, beats: number, isStopped = false) => {
    const beatAt = new Date(NOON.getTime() - 3_600_000 + beats * 1000);
    const stoppedAt = isStopped ? beatAt : undefined;
    return store.beatRunner({ ...daemonOf({ owner, beatAt, stoppedAt }), pool: 'eu' });
  };
  const look = async () => {
    nowMs += 5000;
    return [await watch.look(), ...watch.silences];
  };
  await beat('a/boot/1/1', 0);
  await beat('b/boot/1/1', 0);
  expect(await look()).toEqual([false]);
  await beat('b/boot/1/1', 1);
  expect(await look()).toEqual([false]);
  await beat('b/boot/1/1', 2);
  expect(await look()).toEqual([true, ['a/boot/1/1', 10_000]]);
  await beat('b/boot/1/1', 3);
  expect(await look()).toEqual([false, ['a/boot/1/1', 15_000]]);
  await beat('a/boot/1/1', 1);
  await beat('b/boot/1/1', 4, true);
  expect(await look()).toEqual([true]);
  expect(await look()).toEqual([false]);
  expect(await look()).toEqual([true, ['a/boot/1/1', 10_000]]);
});
