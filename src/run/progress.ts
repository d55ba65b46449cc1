import type { LoadProgress } from '../engines/engine.ts';
import type { Progress } from './contract.ts';
import type { Recently } from './recent-bytes.ts';

/** What the forecast is made of: the time since the restore began, its last seconds, and how fast this drill's restores were before. */
export interface ProgressInput {
  readonly load: LoadProgress;
  readonly totalBytes: number;
  readonly elapsedMs: number;
  readonly recently: Recently;
  /** Stored bytes per second over whole restores, from history; undefined without one. */
  readonly usualBytesPerSecond: number | undefined;
}

/** The first seconds say little; below this share an ETA from the run itself would only jump about. */
const TRUSTED_RATIO = 0.05;
/** What was read ahead while the sandbox was being made is there at once: before that it would look like a restore that is nearly done. */
const TRUSTED_ELAPSED_MS = 500;

/**
 * How far a restore is and how long it still takes. With history the estimate starts from it and moves over to what this
 * run itself shows as it comes along; without, it waits until enough has been seen. Of one that stands still before all has
 * been read nothing can be said: it may go on, or never. Pure.
 */
export function computeProgress(input: ProgressInput): Progress {
  const { load, totalBytes, elapsedMs, recently, usualBytesPerSecond } = input;
  const ratio = load.ratio ?? (totalBytes > 0 ? Math.min(1, load.bytesRead / totalBytes) : undefined);
  const isStalled = recently.isStill && load.bytesRead < totalBytes;
  return {
    doing: load.doing,
    bytesRead: load.bytesRead,
    totalBytes,
    bytesPerSecond: recently.spanMs >= TRUSTED_ELAPSED_MS ? (recently.bytes / recently.spanMs) * 1000 : undefined,
    ratio,
    etaMs: isStalled ? undefined : wholeMs(estimateRemainingMs(ratio, elapsedMs, totalBytes, usualBytesPerSecond)),
    isStalled,
  };
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
