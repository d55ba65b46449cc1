import { expect, test } from 'vitest';
import { DiscoveryLoop } from '../../src/daemon/discovery-loop.ts';
import { createDaemonLog } from '../../src/daemon/log.ts';
import { engineOf } from '../../src/engines/registry.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const SCHEDULE = { cron: '30 6 * * *', timezone: 'UTC' };
const SETTINGS = { sources: [], servers: [], maxRequests: 10 };
const at = (time: string) => new Date(`2026-11-28T${time}:00Z`);

function makeLoop(schedule: typeof SCHEDULE | undefined, store = createMemoryStore()) {
  let now = at('06:00');
  const found: string[] = [];
  const loop = new DiscoveryLoop({
    services: {
      store,
      clock: { now: () => now, monotonicMs: () => 0 },
      openSource: async () => Promise.reject(new Error('there is no source')),
      engineOf: async (type) => engineOf(type),
      redact: (text) => text,
    },
    settings: { ...SETTINGS, schedule },
    log: createDaemonLog({ write: () => undefined, level: 'error', redact: (text) => text, isTerminal: false }),
    onFound: () => found.push(now.toISOString().slice(11, 16)),
  });
  const tick = async (time: string) => {
    now = at(time);
    await loop.lookWhenDue([], now);
    await loop.settle();
  };
  return { loop, store, found, tick };
}

test('searches once at each scheduled time, even across a restart, and once for a missed one', async () => {
  const { loop, store, found, tick } = makeLoop(SCHEDULE);
  for (const time of ['06:29', '06:30', '06:31', '09:00']) await tick(time);
  expect(found).toEqual(['06:29', '06:30']);
  expect((await store.getDiscovery())?.startedAt).toEqual(at('06:30'));
  expect(loop.toTell).toBe(loop.last);
  const next = makeLoop(SCHEDULE, store);
  await next.tick('09:30');
  expect(next.found).toEqual([]);
  expect(next.loop.last?.startedAt).toEqual(at('06:30'));
});

test('never searches without a schedule, and then has nothing to alert about', async () => {
  const { store } = makeLoop(SCHEDULE);
  const first = makeLoop(SCHEDULE, store);
  await first.tick('06:30');
  const { loop, found, tick } = makeLoop(undefined, store);
  await tick('07:00');
  expect(found).toEqual([]);
  expect(loop.last).toBeDefined();
  expect(loop.toTell).toBeUndefined();
});
