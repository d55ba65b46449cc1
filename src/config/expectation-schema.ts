import { z } from 'zod';
import { duration, listWords, mapping, matchesEverything, pattern } from './fields.ts';

/** A value as YAML can write it. Numbers that a computer would round have to stand in quotes, or `equals` would compare something else. */
const scalar = z
  .union([z.string(), z.number(), z.boolean(), z.null()], { error: 'must be text, a number, true, false or null' })
  .superRefine((value, context) => {
    const message = explainNumber(value);
    if (message) context.addIssue({ code: 'custom', message });
  });

function explainNumber(value: unknown): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return 'is too large a number to be exact; put it in quotes';
  return undefined;
}

/** What `min`, `max` and `between` compare with: a number, or text such as a date. */
function bound(neverFails: number, neverPasses: number) {
  const expected = 'must be a number, or text such as a date';
  return z
    .union([z.number(), z.string()], {
      error: ({ input }) => {
        if (input === neverFails) return `cannot fail: everything is within ${neverFails}`;
        return input === neverPasses ? `can never pass: nothing is within ${neverPasses}` : expected;
      },
    })
    .superRefine((value, context) => {
      const message = value === '' ? `is empty; ${expected}` : explainNumber(value);
      if (message) context.addIssue({ code: 'custom', message });
    });
}

const limits = z
  .tuple(
    [
      bound(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
      bound(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_type' ? 'must be a list of two: [low, high]' : 'takes two values: [low, high]',
    },
  )
  .superRefine(([low, high], context) => {
    if (typeof low !== typeof high)
      context.addIssue({ code: 'custom', message: 'has a number and a text; both limits must be of one kind' });
    else if (low > high)
      context.addIssue({
        code: 'custom',
        message: `can never pass: ${low} is more than ${high}; write the lower one first`,
      });
  });

const rows = z
  .array(z.union([z.array(scalar), scalar], { error: 'must be a row: a list of values, or one value' }), {
    error: 'must be a list of rows',
  })
  .superRefine((table, context) => {
    const widths = new Set(table.map((row) => (Array.isArray(row) ? row.length : 1)));
    if (table.length === 0)
      context.addIssue({ code: 'custom', message: 'has no row; to expect none write { empty: true }' });
    else if (widths.has(0)) context.addIssue({ code: 'custom', message: 'has a row without a value' });
    else if (widths.size > 1)
      context.addIssue({ code: 'custom', message: 'has rows of different lengths; every row has the same columns' });
  });

const kinds = {
  equals: scalar.optional().describe('The first value of the first row is this.'),
  min: bound(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).optional().describe('The value is at least this.'),
  max: bound(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).optional().describe('The value is at most this.'),
  between: limits.optional().describe('The value is at least the first and at most the second.'),
  matches: pattern((expression) =>
    matchesEverything(expression) ? 'cannot fail: this expression matches every text' : undefined,
  )
    .optional()
    .describe('The value, as text, matches this regular expression somewhere; ^ and $ tie it to both ends.'),
  oneOf: z
    .array(scalar, { error: 'must be a list of values' })
    .min(1, { error: 'can never pass: the list is empty' })
    .optional()
    .describe('The value is one of these.'),
  newerThan: duration()
    .optional()
    .describe('The value, an instant, is at most this much older than the moment when the backup was taken.'),
  rows: rows
    .optional()
    .describe('The result is exactly these rows in this order: a list of lists, or of single values for one column.'),
  empty: z.literal(true, { error: 'must be true' }).optional().describe('The query gives no row.'),
  notEmpty: z.literal(true, { error: 'must be true' }).optional().describe('The query gives at least one row.'),
};

export const EXPECTATION_KINDS = Object.keys(kinds) as readonly (keyof typeof kinds)[];

const explicit = mapping(kinds)
  .superRefine((value, context) => {
    const given = Object.keys(value);
    if (given.length === 0)
      context.addIssue({ code: 'custom', message: `says nothing to expect (one of: ${EXPECTATION_KINDS.join(', ')})` });
    if (given.length > 1)
      context.addIssue({
        code: 'custom',
        message: `has ${listWords(given, 'and')}; a check expects one thing, so write a check for each`,
      });
  })
  .meta({ minProperties: 1, maxProperties: 1 });

/** `expect: 599` is short for `{ equals: 599 }`; the words `empty` and `notEmpty` stand for those kinds. */
export const expectationSchema = z
  .union([explicit, z.string(), z.number(), z.boolean()], {
    error: `must be a value, or a mapping with one of ${EXPECTATION_KINDS.join(', ')}`,
  })
  .superRefine((value, context) => {
    const message = explainNumber(value);
    if (message) context.addIssue({ code: 'custom', message });
  });

export type ExpectationFile = z.output<typeof expectationSchema>;
