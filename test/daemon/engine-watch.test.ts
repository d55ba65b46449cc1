import { expect, it } from 'vitest';
import { EngineWatch } from '../../src/daemon/engine-watch.ts';
import { NOON } from '../support/run-records.ts';

const GIB = 2 ** 30;

it('queries the engines in the settings every 30 s, and says what is on each, or since when it has been silent', async () => {
  let nowMs = 0;
  let asked = 0;
  let isSilent = false;
  const load = { runId: 'r', drill: 'orders', memoryBytes: 3 * GIB, cpus: 1.5 };
  const capacity = async () => {
    asked += 1;
    if (isSilent) throw new Error('no answer');
    return { memoryBytes: 8 * GIB, cpus: 4, sandboxes: [load, load], freeDiskBytes: undefined };
  };
  const clock = { now: () => new Date(NOON.getTime() + nowMs), monotonicMs: () => nowMs };
  const watch = new EngineWatch({ runtimes: [{ containerEngine: 'ssh://box2', capacity }, { capacity }], clock });
  const lookAfter = async (ms: number) => {
    nowMs += ms;
    watch.look();
    await watch.settle();
    return watch.engines;
  };
  expect(watch.engines).toBeUndefined();
  const room = { memoryBytes: 8 * GIB, freeMemoryBytes: 2 * GIB, cpus: 4, freeCpus: 1 };
  expect(await lookAfter(0)).toEqual([{ address: 'ssh://box2', sandboxes: 2, ...room }]);
  isSilent = true;
  await lookAfter(5000);
  expect(asked).toBe(1);
  const silent = [{ address: 'ssh://box2', silentSince: new Date(NOON.getTime() + 30_000) }];
  expect(await lookAfter(25_000)).toEqual(silent);
  expect(await lookAfter(30_000)).toEqual(silent);
  isSilent = false;
  expect(await lookAfter(30_000)).toMatchObject([{ sandboxes: 2 }]);
});
