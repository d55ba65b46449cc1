import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startTimer, waitOrAbort } from '../../src/support/long-timer.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([1, 20, 24.9, 60, 3650])('fires once after %d days, and not before', (days) => {
  const onDue = vi.fn();
  startTimer(days * DAY_MS, onDue);
  vi.advanceTimersByTime(days * DAY_MS - 1);
  expect(onDue).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDue).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('can be stopped in each of its parts', () => {
  const onDue = vi.fn();
  const stop = startTimer(60 * DAY_MS, onDue);
  vi.advanceTimersByTime(30 * DAY_MS);
  stop();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(onDue).not.toHaveBeenCalled();
});

it('waits only until the signal aborts, and leaves no timer', async () => {
  const controller = new AbortController();
  const waiting = waitOrAbort(60 * DAY_MS, controller.signal);
  controller.abort();
  await waiting;
  await waitOrAbort(60 * DAY_MS, controller.signal);
  expect(vi.getTimerCount()).toBe(0);
});
