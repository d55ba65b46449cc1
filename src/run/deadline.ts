import type { Clock } from '../support/clock.ts';
import { startTimer } from '../support/long-timer.ts';

/** Ends a run that takes too long. Can be paused for work that is not part of recovery. */
export class Deadline {
  private readonly clock: Clock;
  private readonly onMissed: () => void;
  private leftMs: number;
  private startedMs = 0;
  private stopTimer: (() => void) | undefined;

  /** Starts immediately. @param totalMs after this time, `onMissed` is called once. */
  constructor(totalMs: number, clock: Clock, onMissed: () => void) {
    this.leftMs = totalMs;
    this.clock = clock;
    this.onMissed = onMissed;
    this.resume();
  }

  /** Time left until the deadline, in milliseconds. */
  get remainingMs(): number {
    const runningMs = this.stopTimer ? this.clock.monotonicMs() - this.startedMs : 0;
    return Math.max(0, this.leftMs - runningMs);
  }

  /** Runs `work` with the deadline paused. */
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
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  private resume(): void {
    this.startedMs = this.clock.monotonicMs();
    this.stopTimer = startTimer(this.leftMs, this.onMissed);
  }
}
