import type { DrillStates } from './drill-states.ts';
import type { DaemonLog } from './log.ts';
import { toOverlap } from './run-requests.ts';
import type { DueRun } from './schedule-trigger.ts';

export interface OverlapsDeps {
  readonly states: DrillStates;
  readonly log: DaemonLog;
  /** Called when the drill may be scheduled again: everything up to that time is stored as handled. */
  readonly onSettled: (drill: string, handledUntil: Date) => void;
}

/** Runs that became due while one of the same drill was in progress here. */
export class Overlaps {
  private readonly deps: OverlapsDeps;
  private readonly due: DueRun[] = [];

  constructor(deps: OverlapsDeps) {
    this.deps = deps;
  }

  add(due: DueRun): void {
    this.due.push(due);
  }

  clear(): void {
    this.due.length = 0;
  }

  /** Records them as skipped. Throws the store's errors; what could not be recorded is kept for the next call. */
  async settle(now: Date): Promise<void> {
    const { states, log, onSettled } = this.deps;
    for (let due = this.due[0]; due; due = this.due[0]) {
      const { drill, handledUntil, skips } = due;
      if (states.holds(drill.name, due.basis)) {
        const overlap = toOverlap(drill.name, due.dueAt, 'a run was already in progress', now);
        const text = `${drill.name}: run skipped (overlap): the previous one is still in progress`;
        log.warn(text, { drill: drill.name });
        await states.change(drill.name, { handledUntil }, [...skips, overlap]);
      }
      onSettled(drill.name, states.of(drill.name).handledUntil ?? handledUntil);
      this.due.shift();
    }
  }
}
