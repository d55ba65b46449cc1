import type { LoadProgress } from '../engines/engine.ts';
import type { PhaseName } from '../support/vocabulary.ts';
import type { Progress } from './contract.ts';
import type { Recently } from './recent-bytes.ts';

/** What the format said last. */
export type Activity = Pick<Progress, 'doing' | 'phase' | 'covers' | 'ratio'> &
  Pick<LoadProgress, 'step' | 'waitingShare'>;

export interface ProgressInput {
  readonly activity: Activity;
  /** Of the stored backup. */
  readonly bytesRead: number;
  /** How many of them were read ahead, and are no work done yet. */
  readonly bytesWaiting?: number;
  readonly totalBytes: number;
  readonly recently: Recently;
}

/** Data read ahead while the sandbox was starting arrives at once; before this time, the rate would be far too high. */
const TRUSTED_SPAN_MS = 500;
/** In these steps the backup is read, so that the share read is the work done where the format does not say better. */
const READING: ReadonlySet<PhaseName> = new Set<PhaseName>(['fetch', 'unpack', 'load']);

/** How much of loading a row it is to read it and put it aside until a session is free; measured with the bench's plain dumps. */
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

/** What the current step works through: the stored backup, unless it says otherwise. A total of 0 is not known. */
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
