import { formatBytes, formatCount, formatDuration } from './quantities.ts';

/** How much is read from a source, and what that costs. */

export interface Money {
  readonly amount: number;
  /** ISO 4217: `USD`. */
  readonly currency: string;
}

/** How much is read from a source. */
export interface Reading {
  readonly bytes: number;
  /** undefined: the source does not count them. */
  readonly requests: number | undefined;
  /** undefined: the settings have no price for the source. */
  readonly cost: Money | undefined;
}

/** What a store charges for reading. */
export interface Price {
  /** Prefix of the sources that it applies to, as runs name them: `s3://acme-backups/`. */
  readonly of: string;
  /** Per gigabyte of 10⁹ bytes. */
  readonly perGb: number;
  readonly perThousandRequests: number;
  /** ISO 4217: `USD`. */
  readonly currency: string;
}

/** How fast one run may read from a source that has a limit. */
export interface ReadingShare {
  /** Prefix of the sources that the limit applies to. */
  readonly of: string;
  /** For all runs together. */
  readonly limitBytesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** How long a run was throttled, and the smallest share that it had. */
export interface HeldReading extends ReadingShare {
  /** Time during which at least one of its reads waited, in milliseconds. */
  readonly ms: number;
}

/** `52.4 MB/s, its share of 105 MB/s for s3://acme/`. */
export function describeShare({ of, limitBytesPerSecond, bytesPerSecond }: ReadingShare): string {
  const limit = `${formatBytes(limitBytesPerSecond)}/s`;
  if (bytesPerSecond === limitBytesPerSecond) return `${limit}, the limit of ${of}`;
  return `${formatBytes(bytesPerSecond)}/s, its share of ${limit} for ${of}`;
}

/** `held for 3 min 5 s to 52.4 MB/s, its share of 105 MB/s for s3://acme/`. */
export function describeHeld({ ms, ...share }: HeldReading): string {
  return `held for ${formatDuration(ms)} to ${describeShare(share)}`;
}

/** Whether throttling may be why a run was this late: without it, the run could have met its target. */
export function madeLate(held: HeldReading | undefined, lateMs: number): held is HeldReading {
  return held !== undefined && held.ms >= lateMs;
}

/** The next step when throttling made a run too slow. */
export function adviseOnLimit({ of }: HeldReading): string {
  return `A real recovery would not be held. Raise \`limits.sources\` → \`${of}\` → \`maxBytesPerSecond\` in the settings, or let fewer runs read from it at once by \`maxRuns\`.`;
}

/** `48.1 GB in 22,937 requests, 4.34 USD`. */
export function describeReading({ bytes, requests, cost }: Reading): string {
  const asked = requests === undefined ? '' : ` in ${formatCount(requests)} ${requests === 1 ? 'request' : 'requests'}`;
  return `${formatBytes(bytes)}${asked}${cost ? `, ${formatMoney(cost)}` : ''}`;
}

/** `4.34 USD`; small amounts with two significant digits: `0.00040 USD`. */
export function formatMoney({ amount, currency }: Money): string {
  const rounded = Number(amount.toPrecision(2));
  const text = rounded === 0 || rounded >= 0.1 ? amount.toFixed(2) : rounded.toFixed(digitsOf(rounded));
  return `${text} ${currency}`;
}

/** Number of decimals that show two significant digits of an amount below one, at most eight. */
function digitsOf(amount: number): number {
  return Math.min(8, 1 - Math.floor(Math.log10(amount)));
}
