import { z } from 'zod';
import { REQUEST_OUTCOMES } from '../../support/store-request.ts';
import { RATE_STATES, REASONS, RUN_STATUSES } from '../../support/vocabulary.ts';

const instant = z.iso.datetime();
const trials = z.strictObject({ requests: z.int(), errors: z.int() });
const state = z
  .enum(RATE_STATES)
  .describe(
    '`learning`: too few requests to know what is usual; `uncertain`: higher than usual, but less than an alert needs.',
  );

const operation = z.strictObject({
  operation: z.string().describe('The provider’s name for the operation, such as GetObject.'),
  state,
  last24Hours: trials.extend({
    outcomes: z.record(z.enum(REQUEST_OUTCOMES), z.int()).describe('How the requests ended.'),
    meanMs: z.int().nullable(),
    slowestMs: z.int().nullable(),
  }),
  usualErrorsAtMost: z
    .int()
    .nullable()
    .describe('Out of as many requests as in the last 24 hours; null: there were none.'),
  days: z.array(trials).describe('The last 30 days of 24 hours, oldest first; the newest is the last 24 hours.'),
});

export const providers = z
  .strictObject({
    providers: z
      .array(z.strictObject({ endpoint: z.string(), state, operations: z.array(operation) }))
      .describe('Every store that received requests in the last 30 days, unusual ones first.'),
    unusualPeriods: z
      .array(trials.extend({ endpoint: z.string(), operation: z.string(), from: instant, to: instant }))
      .describe('In the last 30 days, newest first.'),
    affectedRuns: z
      .array(
        z.strictObject({
          id: z.string(),
          drill: z.string(),
          startedAt: instant,
          status: z.enum(RUN_STATUSES),
          verdict: z.enum(['passed', 'failed']).nullable(),
          reasons: z.array(z.enum(REASONS)),
          backup: z.string().nullable(),
          errors: z.int(),
        }),
      )
      .describe('Runs that had request errors in the last 24 hours, newest first.'),
    doubt: z.string().describe('Whether backups are in doubt, in words.'),
  })
  .meta({ id: 'Providers' });
