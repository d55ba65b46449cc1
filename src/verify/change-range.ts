import { z } from 'zod';

/** How much a number may change, as shares of its earlier value: `low` is at most 0 and `high` at least 0. */
export interface ChangeRange {
  readonly low: number;
  /** Infinity: no upper bound. */
  readonly high: number;
}

const SHARE = String.raw`(\d+(?:\.\d+)?)%`;
const RANGE = new RegExp(`^(?:-${SHARE})?\\.\\.(?:\\+${SHARE})?$`);
const EITHER_WAY = new RegExp(`^${SHARE}$`);

/**
 * `-10%..+25%`: at most 10 % less and 25 % more; `-10%..`: any growth; `..+25%`: no loss at all; `10%`: `-10%..+10%`.
 * @returns undefined when the text is not one of these forms.
 */
export function parseChangeRange(text: string): ChangeRange | undefined {
  const either = EITHER_WAY.exec(text)?.[1];
  if (either !== undefined) return { low: -share(either), high: share(either) };
  const match = RANGE.exec(text);
  if (!match) return undefined;
  const [, low, high] = match;
  return {
    low: low === undefined ? 0 : -share(low),
    high: high === undefined ? Number.POSITIVE_INFINITY : share(high),
  };
}

/** The inverse of {@link parseChangeRange}, in its long form. */
export function formatChangeRange({ low, high }: ChangeRange): string {
  const more = Number.isFinite(high) ? `+${percent(high)}` : '';
  return `${low === 0 ? '' : `-${percent(-low)}`}..${more}`;
}

/** `-74%`, `+0.3%`; `from nothing` if the earlier value was 0. */
export function formatChange(before: number, after: number): string {
  if (before === 0) return after === 0 ? 'unchanged' : 'from nothing';
  const change = (after - before) / Math.abs(before);
  if (change === 0) return 'unchanged';
  return `${change > 0 ? '+' : '-'}${percent(Math.abs(change))}`;
}

/** The schema of a range in a drill file. It rejects a range that could never fail, with a message that says why. */
export function changeRangeSchema(): z.ZodType<ChangeRange> {
  const error = 'must be a range of change such as -10%..+25%, -10%.. or 10%';
  return z
    .string({ error })
    .superRefine((text, context) => {
      const range = parseChangeRange(text);
      if (!range) context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} ${error}` });
      else if (range.low <= -1)
        context.addIssue({
          code: 'custom',
          message: `${JSON.stringify(text)} allows losing everything; the limit is -99.9%`,
        });
    })
    .transform((text) => parseChangeRange(text) ?? { low: 0, high: 0 });
}

function share(text: string): number {
  return Number(text) / 100;
}

function percent(ratio: number): string {
  const value = ratio * 100;
  const digits = value >= 10 ? 0 : value >= 1 ? 1 : value >= 0.1 ? 2 : 3;
  return `${Number(value.toFixed(digits))}%`;
}
