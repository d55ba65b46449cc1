import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DrillError } from '../../src/support/errors.ts';
import { abortAfter, limitTime } from '../../src/support/time-limit.ts';

const DAY_MS = 86_400_000;
const late = () => new DrillError('too-slow', 'it took too long');

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([1, 1000, 24.9 * DAY_MS, 60 * DAY_MS])('aborts after %d ms with its error, and not before', (ms) => {
  using limit = limitTime(ms, late);
  const signal = abortAfter(ms, late);
  vi.advanceTimersByTime(ms - 1);
  expect([limit.signal.aborted, signal.aborted]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect([limit.signal.reason, signal.reason]).toEqual([late(), late()]);
  expect(vi.getTimerCount()).toBe(0);
});

it('aborts at once with the reason of a signal that has already aborted', () => {
  const reason = new Error('stopped');
  const controller = new AbortController();
  using early = limitTime(1000, late, controller.signal);
  controller.abort(reason);
  using afterwards = limitTime(1000, late, new AbortController().signal, controller.signal);
  vi.advanceTimersByTime(2000);
  expect([early.signal.reason, afterwards.signal.reason]).toEqual([reason, reason]);
});

it('creates no error and leaves no timer when the work is done in time', () => {
  const explain = vi.fn(late);
  {
    using limit = limitTime(60 * DAY_MS, explain);
    vi.advanceTimersByTime(30 * DAY_MS);
    expect(limit.signal.aborted).toBe(false);
  }
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(explain).not.toHaveBeenCalled();
});

it('does not keep the process alive in any of its parts when its timer is never stopped', () => {
  vi.useRealTimers();
  const unref = vi.spyOn(globalThis, 'setTimeout');
  abortAfter(60 * DAY_MS, late);
  const timers = unref.mock.results.map(({ value }) => value as NodeJS.Timeout);
  expect(timers.map((timer) => timer.hasRef())).toEqual([false]);
  unref.mockRestore();
});
