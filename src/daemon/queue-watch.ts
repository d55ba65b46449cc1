import type { QueuedJob } from '../record/queue-store.ts';

/** One query of a small table, so that fifty runners cost the server little; it delays a claim by at most this much. */
const POLL_MS = 1000;

export interface QueueWatchDeps {
  readonly find: () => Promise<readonly QueuedJob[]>;
  /** Called when a run was queued since the last {@link QueueWatch.note}. */
  readonly onNew: () => void;
}

/** Checks the queue of a pool between ticks, which do much more work. */
export class QueueWatch implements Disposable {
  private readonly deps: QueueWatchDeps;
  private readonly timer: NodeJS.Timeout;
  private known: ReadonlySet<string> = new Set();
  private isLooking = false;

  constructor(deps: QueueWatchDeps) {
    this.deps = deps;
    this.timer = setInterval(() => void this.look(), POLL_MS);
    this.timer.unref();
  }

  /** @param jobs seen by the tick. */
  note(jobs: readonly QueuedJob[]): void {
    this.known = new Set(jobs.map(({ id }) => id));
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const jobs = await this.deps.find().catch(() => []); // the next tick meets the same, and reports it
    this.isLooking = false;
    if (jobs.some(({ id }) => !this.known.has(id))) this.deps.onNew();
  }
}
