/** An exact number: `digits / 10^scale`. Counts and money never pass through floating point. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Longer than any `numeric` of Postgres (131,072 digits before the point, 16,383 after); more is hostile. */
const MAX_TEXT_LENGTH = 150_000;
/** Beyond the largest double, and small enough that scaling stays cheap. */
const MAX_EXPONENT = 400;

/**
 * Text such as `599`, `-10.00`, `1e21`.
 * @returns undefined when the text is not a finite number: `NaN`, `Infinity`, words, blanks, thousands separators.
 */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text);
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match ?? [];
  if (whole === '' && fraction === '') return undefined;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const magnitude = BigInt(whole + fraction);
  const scale = fraction.length - exponent;
  const digits = scale < 0 ? magnitude * 10n ** BigInt(-scale) : magnitude;
  return { digits: sign === '-' ? -digits : digits, scale: Math.max(scale, 0) };
}

/** @returns below 0, 0, or above 0, as `a` is below, equal to, or above `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = a.digits * 10n ** BigInt(scale - a.scale);
  const right = b.digits * 10n ** BigInt(scale - b.scale);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
