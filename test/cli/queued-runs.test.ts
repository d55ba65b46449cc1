import { expect, it, vi } from 'vitest';
import { QueuedRuns } from '../../src/cli/queued-runs.ts';
import type { RunEvent } from '../../src/run/contract.ts';
import { systemClock } from '../../src/support/clock.ts';
import { drillOf } from '../daemon/fake-daemon.ts';
import { makeFakeRunner } from '../daemon/fake-runner.ts';
import { useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { memoryIo } from './memory-io.ts';

useFakeTime();

const orders = drillOf('orders', undefined, { pool: 'eu' });

/** `firedrill run orders --queue`, with a runner whose load continues until `held` resolves. */
async function queue({ isServed = true } = {}) {
  const store = createMemoryStore();
  const held = Promise.withResolvers<void>();
  const runner = makeFakeRunner(store, [orders], { hooks: { load: () => held.promise } });
  if (isServed) runner.start();
  await vi.advanceTimersByTimeAsync(1000);
  const ctrlC = new AbortController();
  const io = { ...memoryIo('/'), interrupt: ctrlC.signal };
  const events: RunEvent[] = [];
  const queued = new QueuedRuns({ io, clock: systemClock }, store, [orders], false);
  await queued.queueAll();
  const followed = queued.follow(orders, (event) => events.push(event));
  followed.catch(() => undefined); // checked once the clock has advanced
  await vi.advanceTimersByTimeAsync(10_000);
  const stop = async () => {
    held.resolve();
    if (isServed) await runner.stop();
  };
  return { store, held, io, events, followed, ctrlC, stop };
}

it('is run by a runner of its pool, and followed to its verdict', async () => {
  const { held, events, followed, stop } = await queue();
  expect(events.map(({ type }) => type)).toContain('run-started');
  expect(events.findLast(({ type }) => type === 'stage-started')).toMatchObject({ stage: 'restore' });
  held.resolve();
  await vi.advanceTimersByTimeAsync(10_000);
  const run = await followed;
  expect(run).toMatchObject({ verdict: 'passed', trigger: { kind: 'hand' } });
  const ended = events.filter(({ type }) => type === 'stage-ended');
  expect(ended).toMatchObject(run?.stages.map(({ name }) => ({ stage: name })) ?? []);
  expect(events.filter(({ type }) => type === 'check')).toHaveLength(run?.checks.length ?? 0);
  expect(events.at(-1)).toMatchObject({
    type: 'run-ended',
    sentence: expect.stringMatching(/^PASSED orders: recovered/),
  });
  await stop();
});

it('says what it is waiting for, and leaves the queue at Ctrl-C', async () => {
  const { store, io, followed, ctrlC } = await queue({ isServed: false });
  expect(io.err()).toBe('orders: queued in pool eu; waits because no runner serves pool eu; none ever has\n');
  ctrlC.abort();
  expect(await followed).toBeUndefined();
  expect(await store.findJobs()).toEqual([]);
  expect(await store.findRuns({ limit: 9 })).toEqual([]);
});

it('is canceled on its runner at Ctrl-C', async () => {
  const { followed, ctrlC, stop } = await queue();
  ctrlC.abort();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await followed).toMatchObject({
    status: 'interrupted',
    canceledBy: expect.stringContaining('(command line)'),
  });
  await stop();
});

it('is refused while a run of the drill is queued or in progress', async () => {
  const { store, io, stop } = await queue({ isServed: false });
  const again = new QueuedRuns({ io, clock: systemClock }, store, [orders], false);
  await again.queueAll();
  await expect(again.follow(orders, () => undefined)).rejects.toMatchObject({
    code: 'usage',
    message: 'a run of this drill is already queued',
  });
  await stop();
});
