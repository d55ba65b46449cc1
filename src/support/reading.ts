import { formatBytes, formatCount } from './quantities.ts';

/** What is read of a source, and what that costs. */

export interface Money {
  readonly amount: number;
  /** ISO 4217: `USD`. */
  readonly currency: string;
}

/** What is read of a source. */
export interface Reading {
  readonly bytes: number;
  /** undefined: the source does not count them. */
  readonly requests: number | undefined;
  /** undefined: the settings have no price for the source. */
  readonly cost: Money | undefined;
}

/** What a store charges for reading. */
export interface Price {
  /** The beginning of a source, as runs name it: `s3://acme-backups/`. */
  readonly of: string;
  /** For a gigabyte of 10⁹ bytes. */
  readonly perGb: number;
  readonly perThousandRequests: number;
  /** ISO 4217: `USD`. */
  readonly currency: string;
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

/** Decimals that show two significant digits of an amount below one, at most eight. */
function digitsOf(amount: number): number {
  return Math.min(8, 1 - Math.floor(Math.log10(amount)));
}
