import type { Baseline } from '../record/store.ts';
import type { Estimate } from './plan.ts';

/**
 * Recovery time for a backup of this size: its bytes at the median rate of earlier restores, plus the time of the other stages. If
 * history has no rate, the median recovery time. undefined without history, because a guess would be taken for a promise.
 */
export function estimateRecovery(sizeBytes: number, baseline: Baseline | undefined): Estimate | undefined {
  if (!baseline || baseline.runs === 0) return undefined;
  const rate = baseline.medianRestoreBytesPerSecond;
  const recoveryTimeMs =
    rate > 0 ? (sizeBytes / rate) * 1000 + baseline.medianBesideRestoreMs : baseline.medianRecoveryTimeMs;
  return { recoveryTimeMs: Math.round(recoveryTimeMs), fromRuns: baseline.runs };
}
