import type { QueuedJob } from '../record/queue-store.ts';

/** One query of a small table, so that fifty runners cost the server little; a claim comes at most this much later. */
const POLL_MS = 1000;

export interface QueueWatchDeps {
  readonly find: () => Promise<readonly QueuedJob[]>;
  /** Called when a run is queued that was not there at the last {@link QueueWatch.note}. */
  readonly onNew: () => void;
}

/** Looks at the queue of a pool between ticks, which do much more. */
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

  /** @param jobs that the tick has seen. */
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
