import { z } from 'zod';
import { ACKNOWLEDGEMENT_KINDS, SHOWN_STATES, TRIGGER_KINDS } from '../../support/vocabulary.ts';

/** The query of a request to run a drill. */
export const runQuery = z.strictObject({
  overBudget: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      'Whether it starts though it would pass the budget of the month; the record of the run says who wanted that.',
    ),
});

/** The request to keep a sandbox. */
export const keepRequest = z.strictObject({ minutes: z.int().min(1).max(60) }).meta({ id: 'KeepRequest' });

/** The request to acknowledge a drill's problem, or to snooze the drill. */
export const acknowledgeRequest = z
  .strictObject({
    kind: z
      .enum(ACKNOWLEDGEMENT_KINDS)
      .describe('acknowledged: no reminders of this problem; snoozed: nothing is sent about the drill.'),
    reason: z.string().trim().min(1).max(300),
    for: z.string().max(20).optional().describe('How long, such as 4h or 3d. Without it, until the problem is over.'),
  })
  .meta({ id: 'AcknowledgeRequest' });

/** The request to silence drills. */
export const silenceRequest = z
  .strictObject({
    drills: z.array(z.string().max(63)).min(1).max(500).optional().describe('Names, of which any may match.'),
    owner: z.string().min(1).max(200).optional().describe('Only drills of this owner.'),
    tier: z.int().min(0).max(9).optional().describe('Only drills of this tier.'),
    labels: z.record(z.string().max(63), z.string().max(100)).optional().describe('Only drills with all these labels.'),
    all: z.boolean().default(false).describe('Every drill, in place of the others; without it, one of them is needed.'),
    from: z.string().max(40).optional().describe('When it begins: ISO 8601, in UTC without an offset. Default: now.'),
    until: z.string().max(40).optional().describe('When it ends.'),
    for: z.string().max(20).optional().describe('How long it lasts, such as 4h or 2d, in place of `until`.'),
    reason: z.string().trim().min(1).max(300),
    pause: z.boolean().default(false).describe('Whether scheduled runs do not start either.'),
  })
  .meta({ id: 'SilenceRequest', example: { drills: ['orders'], for: '4h', reason: 'storage migration' } });

/** The query of a list of runs. */
export const runsQuery = z
  .strictObject({
    drill: z.string().max(200).optional().describe('Only this drill.'),
    result: z.enum(SHOWN_STATES).optional().describe('Only runs that ended so, or are running.'),
    owner: z.string().max(200).optional().describe('Only drills of this owner.'),
    tier: z.coerce.number().int().min(0).max(9).optional().describe('Only drills of this tier.'),
    trigger: z.enum(TRIGGER_KINDS).optional().describe('Only runs that were started so.'),
    from: z.iso
      .date()
      .optional()
      .describe(
        'The first day, in UTC. Without it, filters other than `drill` look at the 90 days up to the last day.',
      ),
    to: z.iso.date().optional().describe('The last day, in UTC.'),
    after: z.string().max(120).optional().describe('`next` of the previous page.'),
    limit: z.coerce.number().int().min(1).max(500).default(50).describe('Maximum number.'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, 'from is after to');

/** The query of a report. */
export const reportQuery = z.strictObject({
  period: z.enum(['7d', '30d', '90d', '365d']).default('90d').describe('How far back.'),
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional()
    .describe('A month in UTC, such as 2026-10, instead of a period.'),
  tier: z.coerce.number().int().min(0).max(9).optional().describe('Only drills of this tier.'),
  owner: z.string().max(200).optional().describe('Only drills of this owner.'),
});
