import type { LoadProgress } from '../engines/engine.ts';
import type { PhaseName } from '../support/vocabulary.ts';
import type { Progress } from './contract.ts';
import type { Recently } from './recent-bytes.ts';

/** What the format last reported. */
export type Activity = Pick<Progress, 'doing' | 'phase' | 'covers' | 'ratio'> &
  Pick<LoadProgress, 'step' | 'waitingShare'>;

export interface ProgressInput {
  readonly activity: Activity;
  /** Bytes of the stored backup. */
  readonly bytesRead: number;
  /** How many of them were read ahead and not yet processed. */
  readonly bytesWaiting?: number;
  readonly totalBytes: number;
  readonly recently: Recently;
}

/** Data read ahead while the sandbox was starting arrives at once, so before this time the rate would be far too high. */
const TRUSTED_SPAN_MS = 500;
/** Steps that read the backup, so that the share read is the work done unless the format reports something better. */
const READING: ReadonlySet<PhaseName> = new Set<PhaseName>(['fetch', 'unpack', 'load']);

/** Share of the work of loading a row spent on reading and buffering it until a session is free; measured with the bench's plain dumps. */
const READ_AHEAD_SHARE = 0.1;

/** Computes a restore's progress at one moment. Pure. */
export function computeProgress(input: ProgressInput): Progress {
  const { activity, recently } = input;
  const { doing, phase, covers, step } = activity;
  const { done, total, worked } = countedOf(input);
  const isCounted = step !== undefined || READING.has(phase);
  const hasRate = step !== 'unknown' && recently.spanMs >= TRUSTED_SPAN_MS;
  return {
    doing,
    phase,
    covers,
    ...(step && { isOfStep: true }),
    bytesRead: done,
    totalBytes: total,
    bytesPerSecond: hasRate ? (recently.bytes / recently.spanMs) * 1000 : undefined,
    ratio: activity.ratio ?? (isCounted && total > 0 ? Math.min(1, worked / total) : undefined),
    isStalled: recently.isStill && done < total,
  };
}

/** What the current step processes: the stored backup, unless it reports something else. A total of 0 means unknown. */
export function countedOf({
  activity: { step, waitingShare },
  bytesRead,
  bytesWaiting = 0,
  totalBytes,
}: Omit<ProgressInput, 'recently'>) {
  if (step === undefined) {
    const waiting = waitingShare?.() ?? 0;
    const worked = Math.max(0, bytesRead - bytesWaiting) * (1 - waiting * (1 - READ_AHEAD_SHARE));
    return { done: Math.round(bytesRead * (1 - waiting)), total: totalBytes, worked };
  }
  if (step === 'unknown') return { done: 0, total: 0, worked: 0 };
  return { done: step.done, total: step.total ?? 0, worked: step.done };
}
