import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startPull } from '../../src/sandbox/docker/follow-pull.ts';

const MINUTE_MS = 60_000;
const STEP = '{"status":"Downloading","progressDetail":{"current":1,"total":9}}\n';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A pull whose answer the test writes. */
async function startedPull(signal = new AbortController().signal) {
  const answer = new PassThrough();
  const { ended } = await startPull(async () => answer, signal);
  const outcome = ended.then(
    () => 'ended',
    (error: unknown) => error,
  );
  return { answer, outcome };
}

it('goes on for as long as there is progress, however long that takes', async () => {
  const { answer, outcome } = await startedPull();
  for (let minutes = 0; minutes < 180; minutes += 9) {
    answer.write(STEP);
    await vi.advanceTimersByTimeAsync(9 * MINUTE_MS);
  }
  answer.end(STEP);
  expect(await outcome).toBe('ended');
  expect(vi.getTimerCount()).toBe(0);
});

it('ends a pull that makes no progress', async () => {
  const { answer, outcome } = await startedPull();
  answer.write(STEP);
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(await outcome).toMatchObject({ code: 'engine-unreachable', message: expect.stringContaining('10 min') });
  expect(answer.destroyed).toBe(true);
});

it('ends a pull that the engine does not answer', async () => {
  const pull = startPull(() => new Promise(() => undefined), new AbortController().signal);
  const outcome = pull.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(await outcome).toMatchObject({ code: 'engine-unreachable' });
});

it('ends at once, and closes the connection, when it is canceled', async () => {
  const stop = new AbortController();
  const { answer, outcome } = await startedPull(stop.signal);
  stop.abort('canceled');
  expect(await outcome).toBe('canceled');
  expect(answer.destroyed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
