import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import type { DaemonLog } from './log.ts';
import type { ServiceManager } from './service-manager.ts';
import { WakeTimer } from './wake-timer.ts';

export interface TickLoopDeps {
  readonly store: Pick<Store, 'check'>;
  readonly clock: Clock;
  readonly log: DaemonLog;
  readonly manager: ServiceManager;
  /** `scheduler`, `runner`: the subject of the message after failures. */
  readonly name: string;
  /** Whether no run is in progress: reopening the store cancels them. */
  readonly isIdle: () => boolean;
}

/** Longest sleep, because changes of files, other processes and the wall clock do not wake the loop. */
export const MAX_SLEEP_MS = 15_000;
/** Delays after the first failed tick, the second and so on; failed work is retried then. */
const RETRY_DELAYS_MS = [1000, 2000, 5000] as const;
/** Consecutive store failures before the store is reopened. More are allowed while runs are in progress, because reopening cancels them. */
const STORE_FAILURES = { idle: 3, running: 15 } as const;

/** Ticks until it is stopped or the store is lost, one at a time. A failed tick is reported and retried. */
export class TickLoop {
  /** When a tick last ended, successfully or not. */
  lastTickAt: Date;
  private readonly deps: TickLoopDeps;
  private readonly timer: WakeTimer;
  private storeFailures = 0;
  /** Consecutive failed ticks. */
  private failures = 0;

  constructor(deps: TickLoopDeps) {
    this.deps = deps;
    this.timer = new WakeTimer(deps.clock);
    this.lastTickAt = deps.clock.now();
  }

  /** Makes the next tick start at once. */
  wake(): void {
    this.timer.wake();
  }

  /** @param tick returns when the next one is due. @returns when `stop` aborts, or when the store must be reopened. */
  async run(tick: (now: Date) => Promise<Date>, stop: AbortSignal): Promise<void> {
    const onStop = () => this.timer.wake();
    stop.addEventListener('abort', onStop, { once: true });
    while (!stop.aborted && !this.isStoreLost) {
      const wakeAt = await this.tryTick(tick);
      if (!stop.aborted && !this.isStoreLost) await this.timer.sleepUntil(wakeAt, MAX_SLEEP_MS);
    }
    stop.removeEventListener('abort', onStop);
  }

  private get isStoreLost(): boolean {
    return this.storeFailures >= (this.deps.isIdle() ? STORE_FAILURES.idle : STORE_FAILURES.running);
  }

  private async tryTick(tick: (now: Date) => Promise<Date>): Promise<Date> {
    const { log, manager, clock, name } = this.deps;
    let wakeAt: Date;
    try {
      const now = clock.now();
      await this.checkStore();
      wakeAt = await tick(now);
      if (this.failures > 0) log.info(`the ${name} works again`);
      this.failures = 0;
    } catch (thrown) {
      const { code, message, hint } = asDrillError(thrown);
      log.error(`${code}: ${message}`, { code, hint });
      const pauseMs = RETRY_DELAYS_MS[this.failures] ?? RETRY_DELAYS_MS[2];
      this.failures += 1;
      wakeAt = new Date(clock.now().getTime() + pauseMs);
    }
    this.lastTickAt = clock.now();
    manager.alive(clock.monotonicMs());
    return wakeAt;
  }

  private async checkStore(): Promise<void> {
    try {
      await this.deps.store.check();
      this.storeFailures = 0;
    } catch (error) {
      this.storeFailures += 1;
      throw error;
    }
  }
}
