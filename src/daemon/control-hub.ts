import type { CommandOutcome } from '../record/live-store.ts';
import type { DrillControl, LiveChange, LiveRun, WaitingRun } from './control.ts';

/** The part that the scheduler itself provides. */
type Source = Omit<DrillControl, 'subscribe'>;

/** The scheduler of this process as pages see it, available also while its store is being reopened. */
export class ControlHub implements DrillControl {
  private readonly current: () => Source | undefined;
  private readonly listeners = new Set<(change: LiveChange) => void>();

  /** @param current undefined: no scheduler is running at the moment. */
  constructor(current: () => Source | undefined) {
    this.current = current;
  }

  get running(): readonly LiveRun[] {
    return this.current()?.running ?? [];
  }

  get waiting(): readonly WaitingRun[] {
    return this.current()?.waiting ?? [];
  }

  get silences(): ReadonlyMap<string, number> {
    return this.current()?.silences ?? new Map();
  }

  get unavailable(): string | undefined {
    const source = this.current();
    return source ? source.unavailable : 'the store is being reopened';
  }

  runNow(drill: string, who: string, isOverBudget?: boolean): 'queued' | 'busy' | 'unknown' {
    return this.current()?.runNow(drill, who, isOverBudget) ?? 'busy';
  }

  async stop(runId: string, who: string): Promise<CommandOutcome> {
    return (await this.current()?.stop(runId, who)) ?? 'ended';
  }

  async keep(runId: string, keepMs: number, who: string): Promise<CommandOutcome> {
    return (await this.current()?.keep(runId, keepMs, who)) ?? 'ended';
  }

  async refreshRunning(): Promise<void> {
    await this.current()?.refreshRunning();
  }

  refresh(): void {
    this.current()?.refresh();
  }

  subscribe(listener: (change: LiveChange) => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  /** Notifies every subscriber. */
  publish(change: LiveChange): void {
    for (const listener of this.listeners) listener(change);
  }
}
