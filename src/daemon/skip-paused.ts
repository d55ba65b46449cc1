import type { Pause } from '../config/drill-file.ts';
import type { QueueStore } from '../record/queue-store.ts';
import type { Silence } from '../record/silence-store.ts';
import type { DrillStates } from './drill-states.ts';
import type { DaemonLog } from './log.ts';
import type { QueuedRun } from './queued-run.ts';
import type { RunQueue } from './run-queue.ts';
import { comesAgain, pauseOf, toPaused, waitInPause } from './run-requests.ts';

export interface SkipPausedDeps {
  readonly runs: RunQueue;
  readonly states: DrillStates;
  readonly store: Pick<QueueStore, 'removeJob'>;
  readonly log: DaemonLog;
  /** Called after each; may queue the next run of a race, which is looked at in turn. */
  readonly onSkipped: (queued: QueuedRun) => Promise<void>;
}

/**
 * Removes queued runs of drills that have been paused since. Runs that will not become due again are recorded as skipped, as if they had become due during
 * the pause. In time linear in the queued runs.
 * @param pauses the silences that pause runs. Throws the store's errors.
 */
export async function skipPaused(deps: SkipPausedDeps, pauses: readonly Silence[], now: Date): Promise<void> {
  for (const queued of deps.runs.eachWaiting()) {
    const pause = pauseOf(queued, pauses, now);
    if (pause) await skip(queued, pause, deps, now);
  }
}

async function skip(queued: QueuedRun, pause: Pause, deps: SkipPausedDeps, now: Date): Promise<void> {
  const { runs, states, store, log, onSkipped } = deps;
  const { change, skips, basis, job } = queued;
  const { name } = queued.drill;
  log.info(`${name}: a run in the queue is not started: ${pause.reason}`, { drill: name });
  if (comesAgain(queued)) await states.change(name, { waitsFor: waitInPause(queued, pause) });
  else if (states.holds(name, basis))
    await states.change(name, { ...change, waitsFor: undefined }, [...skips, toPaused(queued, pause.reason, now)]);
  if (job) await store.removeJob(job);
  runs.drop(name);
  await onSkipped(queued);
}
