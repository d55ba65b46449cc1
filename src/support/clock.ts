import { performance } from 'node:perf_hooks';

/** The source of time, injected. Instants are for display and records; durations use only the monotonic clock. */
export interface Clock {
  /** The wall clock. */
  now(): Date;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** Node fires a timer at once if it is set for longer than this. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
