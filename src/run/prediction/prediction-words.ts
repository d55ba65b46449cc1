import { formatClock, formatDuration } from '../../support/quantities.ts';
import type { Prediction } from '../contract.ts';

/** `4:10 of 15:00, likely 9:30 (8:50–10:40)`; unknown values are left out. */
export function describePrediction({ elapsedMs, rtoMs, finish }: Prediction): string {
  return `${formatClock(elapsedMs)} of ${formatTarget(rtoMs)}${finish ? `, ${describeFinish(finish)}` : ''}`;
}

/** The RTO next to a clock: `15:00`; `400 ms` where the clock format would lose precision. */
export function formatTarget(rtoMs: number): string {
  return rtoMs % 1000 === 0 ? formatClock(rtoMs) : formatDuration(rtoMs);
}

/** `likely 9:30 (8:50–10:40)`. */
export function describeFinish({ likelyMs, lowMs, highMs }: NonNullable<Prediction['finish']>): string {
  const [low, high] = [formatClock(lowMs), formatClock(highMs)];
  return `likely ${formatClock(likelyMs)}${low === high ? '' : ` (${low}–${high})`}`;
}

/** Whether recovery will meet its RTO, in a few words; undefined if it is too early to say. */
export function describeChance({
  elapsedMs,
  rtoMs,
  finish,
}: Prediction): 'on track' | 'at risk' | 'too slow' | undefined {
  if (elapsedMs > rtoMs) return 'too slow';
  if (!finish) return undefined;
  if (finish.highMs <= rtoMs) return 'on track';
  return finish.likelyMs > rtoMs ? 'too slow' : 'at risk';
}
