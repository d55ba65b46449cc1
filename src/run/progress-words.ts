import { formatBytes } from '../support/quantities.ts';
import type { Progress } from './contract.ts';

/** `86.4 MB of 211 MB at 12.1 MB/s`; empty while unknown. Omits the rate once everything has been read. */
export function describeTransfer({
  bytesRead,
  totalBytes,
  bytesPerSecond,
}: Pick<Progress, 'bytesRead' | 'totalBytes' | 'bytesPerSecond'>): string {
  if (totalBytes <= 0) return bytesRead > 0 ? `${formatBytes(bytesRead)}${rateOf(bytesPerSecond)}` : '';
  const rate = bytesRead < totalBytes || bytesPerSecond !== 0 ? rateOf(bytesPerSecond) : '';
  return `${formatBytes(bytesRead)} of ${formatBytes(totalBytes)}${rate}`;
}

/** Why no remaining time is shown. */
export function describeStall({ isOfStep }: Pick<Progress, 'isOfStep'>): string {
  return isOfStep ? 'no progress for 5 s' : 'nothing read for 5 s';
}

function rateOf(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? '' : ` at ${formatBytes(Math.round(bytesPerSecond))}/s`;
}
