import type { LogLine, Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';

/** A run's own log, stored with its history. Lines are buffered and written in batches, so that a chatty tool costs little. */
export class RunLog {
  private waiting: LogLine[] = [];
  private written = 0;
  private readonly store: Pick<Store, 'addLog'>;
  private readonly clock: Clock;
  private readonly runId: string;

  constructor(runId: string, store: Pick<Store, 'addLog'>, clock: Clock) {
    this.runId = runId;
    this.store = store;
    this.clock = clock;
  }

  /** The log is limited to 10,000 lines; the last line says that there were more. */
  add(level: LogLine['level'], message: string): void {
    if (this.written + this.waiting.length > 10_000) return;
    const full = this.written + this.waiting.length === 10_000;
    this.waiting.push({ at: this.clock.now(), level, message: full ? 'log cut off after 10,000 lines' : message });
  }

  async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    const lines = this.waiting;
    this.waiting = [];
    this.written += lines.length;
    await this.store.addLog(this.runId, lines);
  }
}
