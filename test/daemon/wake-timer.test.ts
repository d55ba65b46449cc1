import { expect, it, vi } from 'vitest';
import { WakeTimer } from '../../src/daemon/wake-timer.ts';
import { useFakeTime } from '../run/fake-drill.ts';

useFakeTime();

it('does not oversleep after the clock was set back by years', async () => {
  const wasWorkedOut = new Date('2031-01-01T00:00:00Z');
  const alarm = new WakeTimer({ now: () => new Date(), monotonicMs: () => Date.now() });
  let isAwake = false;
  const sleep = alarm.sleepUntil(wasWorkedOut, 15_000).then(() => {
    isAwake = true;
  });
  await vi.advanceTimersByTimeAsync(14_999);
  expect(isAwake).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await sleep;
  expect(vi.getTimerCount()).toBe(0);
});
