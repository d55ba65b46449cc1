import type { Clock } from '../support/clock.ts';

/** Sleeps until an instant or until {@link wake}. A wake without a sleeper ends the next sleep at once. */
export class WakeTimer {
  private readonly clock: Clock;
  private isWoken = false;
  private resume: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  wake(): void {
    this.isWoken = true;
    this.resume?.();
  }

  /** Sleeps until `at` by the current wall clock. @param longestMs limits the sleep, because the clock may have been set back since `at` was computed. */
  async sleepUntil(at: Date, longestMs: number): Promise<void> {
    const ms = Math.min(at.getTime() - this.clock.now().getTime(), longestMs);
    if (!this.isWoken && ms > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      this.resume = resolve;
      await promise;
      clearTimeout(timer);
      this.resume = undefined;
    }
    this.isWoken = false;
  }
}
