import { z } from 'zod';
import { ACKNOWLEDGEMENT_KINDS, SHOWN_STATES, TRIGGER_KINDS } from '../../support/vocabulary.ts';

/** The query of a request to run a drill. */
export const runQuery = z.strictObject({
  overBudget: z
    .enum(['true', 'false'])
    .optional()
    .describe('Start the run even if it would exceed the monthly budget; the run records who asked for it.'),
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
    drills: z.array(z.string().max(63)).min(1).max(500).optional().describe('Drill names; any of them matches.'),
    owner: z.string().min(1).max(200).optional().describe('Only drills of this owner.'),
    tier: z.int().min(0).max(9).optional().describe('Only drills of this tier.'),
    labels: z.record(z.string().max(63), z.string().max(100)).optional().describe('Only drills with all these labels.'),
    all: z
      .boolean()
      .default(false)
      .describe('Every drill, instead of the other filters. If it is left out, at least one of them is required.'),
    from: z
      .string()
      .max(40)
      .optional()
      .describe('When it begins, in ISO 8601; UTC unless it has an offset. Default: now.'),
    until: z.string().max(40).optional().describe('When it ends.'),
    for: z.string().max(20).optional().describe('How long it lasts, such as 4h or 2d, instead of `until`.'),
    reason: z.string().trim().min(1).max(300),
    pause: z.boolean().default(false).describe('Whether scheduled runs are paused, too.'),
  })
  .meta({ id: 'SilenceRequest', example: { drills: ['orders'], for: '4h', reason: 'storage migration' } });

/** The query of a list of runs. */
export const runsQuery = z
  .strictObject({
    drill: z.string().max(200).optional().describe('Only this drill.'),
    result: z.enum(SHOWN_STATES).optional().describe('Only runs with this result, or still running.'),
    owner: z.string().max(200).optional().describe('Only drills of this owner.'),
    tier: z.coerce.number().int().min(0).max(9).optional().describe('Only drills of this tier.'),
    trigger: z.enum(TRIGGER_KINDS).optional().describe('Only runs with this trigger.'),
    from: z.iso
      .date()
      .optional()
      .describe(
        'The first day, in UTC. If it is left out, filters other than `drill` cover the 90 days up to the last day.',
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
