import { z } from 'zod';

/** A value as YAML can write it. */
export type Scalar = string | number | boolean | null;

/** A scalar in a drill file. Numbers that floating point would round must be quoted, or `equals` would compare with a different value. */
export const scalarSchema = z
  .union([z.string(), z.number(), z.boolean(), z.null()], { error: 'must be text, a number, true, false or null' })
  .superRefine((value, context) => {
    const message = explainInexactNumber(value);
    if (message) context.addIssue({ code: 'custom', message });
  });

/** @returns why a number cannot be compared exactly; undefined for everything else. */
export function explainInexactNumber(value: unknown): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return 'is too large a number to be exact; put it in quotes';
  return undefined;
}
