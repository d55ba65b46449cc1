import type { LoadProgress } from '../engines/engine.ts';
import type { Progress } from './contract.ts';
import type { Recently } from './recent-bytes.ts';

/** Inputs of the forecast: the time since the restore began, its last seconds, and the speed of this drill's earlier restores. */
export interface ProgressInput {
  readonly load: LoadProgress;
  readonly totalBytes: number;
  readonly elapsedMs: number;
  readonly recently: Recently;
  /** Stored bytes per second over whole restores, from history; undefined without one. */
  readonly usualBytesPerSecond: number | undefined;
}

/** Below this share, an ETA from the run alone would be too unstable to show. */
const TRUSTED_RATIO = 0.05;
/** Data read ahead while the sandbox was starting arrives at once; before this time, the restore would look nearly done. */
const TRUSTED_ELAPSED_MS = 500;

/**
 * Computes a restore's progress and ETA. With history, the estimate starts from it and shifts to this run's own speed as the run
 * proceeds; without, there is no estimate until enough has been seen. A restore that stalls before everything has been read has no
 * estimate, because it may never continue. Pure.
 */
export function computeProgress(input: ProgressInput): Progress {
  const { load, totalBytes, elapsedMs, recently, usualBytesPerSecond } = input;
  const { done, total } = countedOf(input);
  const ratio = load.ratio ?? (total > 0 ? Math.min(1, done / total) : undefined);
  const isStalled = recently.isStill && done < total;
  const hasRate = load.step !== 'unknown' && recently.spanMs >= TRUSTED_ELAPSED_MS;
  const bytesPerSecond = hasRate ? (recently.bytes / recently.spanMs) * 1000 : undefined;
  const remainingMs = load.step
    ? remainingOfStepMs(total - done, bytesPerSecond)
    : estimateRemainingMs(ratio, elapsedMs, totalBytes, usualBytesPerSecond);
  return {
    doing: load.doing,
    ...(load.step && { isOfStep: true }),
    bytesRead: done,
    totalBytes: total,
    bytesPerSecond,
    ratio,
    etaMs: isStalled ? undefined : wholeMs(remainingMs),
    isStalled,
  };
}

/** What the current step works through: the stored backup, unless it says otherwise. A total of 0 is not known. */
function countedOf({ load: { step, bytesRead }, totalBytes }: ProgressInput): { done: number; total: number } {
  if (step === undefined) return { done: bytesRead, total: totalBytes };
  return step === 'unknown' ? { done: 0, total: 0 } : { done: step.done, total: step.total ?? 0 };
}

function remainingOfStepMs(bytes: number, bytesPerSecond: number | undefined): number | undefined {
  return bytes > 0 && bytesPerSecond ? (bytes / bytesPerSecond) * 1000 : undefined;
}

function estimateRemainingMs(
  ratio: number | undefined,
  elapsedMs: number,
  totalBytes: number,
  usualBytesPerSecond: number | undefined,
): number | undefined {
  const isTrusted = ratio !== undefined && ratio >= TRUSTED_RATIO && elapsedMs >= TRUSTED_ELAPSED_MS;
  const seenMs = isTrusted ? (elapsedMs / ratio) * (1 - ratio) : undefined;
  const usualMs =
    usualBytesPerSecond && usualBytesPerSecond > 0
      ? Math.max(0, (totalBytes / usualBytesPerSecond) * 1000 - elapsedMs)
      : undefined;
  if (seenMs === undefined) return usualMs;
  if (usualMs === undefined || ratio === undefined) return seenMs;
  return seenMs * ratio + usualMs * (1 - ratio);
}

function wholeMs(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}
