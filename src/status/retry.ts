import type { RunRecord } from '../record/run-record.ts';

/** One retry of what the harness got wrong, in milliseconds after the run's end; never of a verdict. */
const RETRY = {
  /** What broke it may need a moment: an engine that restarts, a store that is being failed over. */
  backOffMs: 2 * 60_000,
  /** No alert meanwhile; after that the retry is too late to wait for. */
  provisionalMs: 3_600_000,
  /** Later than that, the next run of the schedule does. */
  latestMs: 6 * 3_600_000,
} as const;

export interface DueRetry {
  /** The run that the attempt stands in for. */
  readonly run: RunRecord;
  readonly notBefore: Date;
}

/**
 * The retry that a drill is owed: its newest run was the first attempt at what a schedule or a new backup asked for, and errored or was cut off.
 * @param runs newest first.
 * @returns undefined when none is owed (any more).
 */
export function dueRetry(runs: readonly RunRecord[], now: Date): DueRetry | undefined {
  const [run] = runs;
  if (!run?.endedAt || !isRetried(run)) return undefined;
  const agoMs = now.getTime() - run.endedAt.getTime();
  if (agoMs >= RETRY.latestMs) return undefined;
  return { run, notBefore: new Date(run.endedAt.getTime() + RETRY.backOffMs) };
}

/** Whether a retry will soon show whether this run's end means anything. */
export function awaitsRetry(run: RunRecord, now: Date): boolean {
  if (!run.endedAt || !isRetried(run)) return false;
  return now.getTime() - run.endedAt.getTime() < RETRY.provisionalMs;
}

function isRetried({ status, trigger, error }: RunRecord): boolean {
  if (trigger.kind === 'hand' || trigger.attempt > 1 || error?.code === 'stopped') return false;
  return status === 'errored' || status === 'interrupted';
}

/** Canceled by a user, so no alert is needed. A killed run never reached its teardown. */
export function wasCanceledByUser({ status, trigger, error, stages }: RunRecord): boolean {
  if (status !== 'interrupted' || !stages.some(({ name }) => name === 'teardown')) return false;
  return trigger.kind === 'hand' || error?.code === 'stopped';
}
