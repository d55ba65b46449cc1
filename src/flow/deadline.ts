import { type Clock, LONGEST_TIMER_MS } from '../support/clock.ts';

/** Ends a run that takes too long; stands still while something goes on that is no part of recovery. */
export class Deadline {
  private readonly clock: Clock;
  private readonly onMissed: () => void;
  private leftMs: number;
  private startedMs = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param totalMs after which `onMissed` is called, once. Starts to run at once. */
  constructor(totalMs: number, clock: Clock, onMissed: () => void) {
    this.leftMs = totalMs;
    this.clock = clock;
    this.onMissed = onMissed;
    this.resume();
  }

  /** Milliseconds until it is missed, as things stand. */
  get remainingMs(): number {
    const runningMs = this.timer === undefined ? 0 : this.clock.monotonicMs() - this.startedMs;
    return Math.max(0, this.leftMs - runningMs);
  }

  /** Does the work while the deadline stands still. */
  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    this.stop();
    try {
      return await work();
    } finally {
      this.resume();
    }
  }

  stop(): void {
    this.leftMs = this.remainingMs;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private resume(): void {
    this.startedMs = this.clock.monotonicMs();
    this.timer = setTimeout(this.onMissed, Math.min(this.leftMs, LONGEST_TIMER_MS));
  }
}
