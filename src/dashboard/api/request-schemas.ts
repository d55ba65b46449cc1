import { z } from 'zod';

/** The request to keep a sandbox. */
export const keepRequest = z.strictObject({ minutes: z.int().min(1).max(60) }).meta({ id: 'KeepRequest' });

/** The query of a list of runs. */
export const runsQuery = z.strictObject({
  drill: z.string().max(200).optional().describe('Only this drill.'),
  after: z.string().max(120).optional().describe('`next` of the previous page.'),
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Maximum number.'),
});

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
