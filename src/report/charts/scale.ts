import { formatBytes, formatDuration } from '../../support/quantities.ts';

/** An axis from zero with round steps. */
export interface Scale {
  readonly max: number;
  readonly interval: number;
  readonly format: (value: number) => string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DURATION_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 50].map((count) => count * DAY),
];

/** @param maxMs the largest value. @param steps maximum number of steps. */
export function durationScale(maxMs: number, steps = 5): Scale {
  const interval = DURATION_STEPS.find((step) => step * steps >= maxMs) ?? 100 * DAY;
  return { max: Math.max(1, Math.ceil(maxMs / interval)) * interval, interval, format: formatTick };
}

/** In steps of 1, 2 or 5 times a power of ten. */
export function bytesScale(maxBytes: number, steps = 3): Scale {
  const rough = Math.max(1, maxBytes / steps);
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const max = Math.max(1, Math.ceil(maxBytes / interval)) * interval;
  return { max, interval, format: (bytes) => (bytes === 0 ? '0' : formatBytes(bytes).replace(/\.0+(?= )/, '')) };
}

function formatTick(ms: number): string {
  return ms === 0 ? '0' : formatDuration(ms).replace('.0 s', ' s');
}
