import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../../support/clock.ts';

/** Delay and randomness for retries; injected, so that tests are fast and deterministic. */
export interface RetryDeps {
  readonly clock: Clock;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

export const SYSTEM_RETRY: RetryDeps = {
  clock: systemClock,
  delay: async (ms, signal) => sleep(ms, undefined, { signal }),
  random: Math.random,
};

export const MAX_ATTEMPTS = 5;

/** Waits before attempt `attempt + 1`. Rejects with the signal's reason when it aborts first. */
export async function backOff({ delay, random }: RetryDeps, attempt: number, signal: AbortSignal): Promise<void> {
  await delay(backOffMs(attempt, random), signal).catch((reason: unknown) => {
    throw signal.aborted ? signal.reason : reason;
  });
}

/**
 * How long to wait before attempt `attempt + 1`: exponential from 200 ms, at most 5 s, half of it random, so that parallel readers do not all retry at once.
 */
function backOffMs(attempt: number, random: () => number): number {
  const fullMs = Math.min(5000, 200 * 2 ** (attempt - 1));
  return Math.round(fullMs / 2 + (fullMs / 2) * random());
}
