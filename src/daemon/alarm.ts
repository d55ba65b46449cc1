import type { Clock } from '../support/clock.ts';

/** Sleeps until an instant, or until somebody rings. A ring that comes while nobody sleeps keeps the next from falling asleep. */
export class Alarm {
  private readonly clock: Clock;
  private rang = false;
  private wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  ring(): void {
    this.rang = true;
    this.wake?.();
  }

  /** By the wall clock as it is now. @param longestMs sleeps no longer than that: the clock may have been put back since `at` was worked out. */
  async sleepUntil(at: Date, longestMs: number): Promise<void> {
    const ms = Math.min(at.getTime() - this.clock.now().getTime(), longestMs);
    if (!this.rang && ms > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      this.wake = resolve;
      await promise;
      clearTimeout(timer);
      this.wake = undefined;
    }
    this.rang = false;
  }
}
