import type { Baseline } from '../record/store.ts';
import type { Estimate } from './plan.ts';

/**
 * Recovery time for a backup of this size: its bytes at the median rate of earlier restores, plus the time of the other stages. If history has no rate, the
 * median recovery time. undefined without history, because a guess would be mistaken for a promise.
 * @param atMostBytesPerSecond read rate limit of the source. Default: none.
 */
export function estimateRecovery(
  sizeBytes: number,
  baseline: Baseline | undefined,
  atMostBytesPerSecond = Number.POSITIVE_INFINITY,
): Estimate | undefined {
  if (!baseline || baseline.runs === 0) return undefined;
  const rate = Math.min(baseline.medianRestoreBytesPerSecond, atMostBytesPerSecond);
  const recoveryTimeMs =
    rate > 0 ? (sizeBytes / rate) * 1000 + baseline.medianBesideRestoreMs : baseline.medianRecoveryTimeMs;
  return { recoveryTimeMs: Math.round(recoveryTimeMs), fromRuns: baseline.runs };
}
