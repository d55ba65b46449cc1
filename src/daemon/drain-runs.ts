import { limitTime } from '../support/time-limit.ts';
import { untilAborted } from '../support/until-aborted.ts';
import { stopReason, storeLostReason } from './cancel-reasons.ts';
import type { DaemonLog } from './log.ts';
import type { RunQueue } from './run-queue.ts';
import type { ServiceManager } from './service-manager.ts';
import { describeStop } from './status-lines.ts';

export interface DrainOptions {
  readonly log: DaemonLog;
  readonly manager: ServiceManager;
  /** How long runs may continue. */
  readonly graceMs: number;
  /** Whether the process is stopping; otherwise its store must be reopened, and all runs are canceled at once. */
  readonly isStop: boolean;
  /** Ends the grace period. */
  readonly hurry: AbortSignal;
}

/** Lets runs in progress finish within the grace period, then cancels the rest. Resolves when no run is active. */
export async function drainRuns(runs: RunQueue, options: DrainOptions): Promise<void> {
  const { log, manager, graceMs, isStop, hurry } = options;
  if (isStop) {
    const sentence = describeStop(runs.runningNames, graceMs);
    manager.stopping(sentence);
    log.info(sentence);
  }
  const reason = isStop ? stopReason() : storeLostReason();
  runs.endKept(reason);
  if (!(await settleWithin(runs, isStop ? graceMs : 0, hurry))) {
    const names = runs.runningNames;
    const what = names.length === 1 ? 'its sandbox' : 'their sandboxes';
    if (names.length > 0) log.warn(`canceled: ${names.join(', ')}; removing ${what}`);
    runs.cancelAll(reason);
  }
  await runs.settle();
}

/** @returns whether all runs have ended by then. */
async function settleWithin(runs: RunQueue, graceMs: number, hurry: AbortSignal): Promise<boolean> {
  using limit = limitTime(graceMs, () => new Error('the grace period is over'), hurry);
  try {
    await untilAborted(runs.settle(), limit.signal);
    return true;
  } catch {
    return false; // only the signal can reject here: runs never do
  }
}
