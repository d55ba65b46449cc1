import { z } from 'zod';

const instant = z.iso.datetime();

/** The silence that a drill is in. */
export const silenceNow = z.strictObject({
  id: z.string(),
  from: instant,
  until: instant,
  by: z.string(),
  reason: z.string(),
  pausesRuns: z.boolean(),
});

export const silence = silenceNow
  .extend({
    phase: z.enum(['planned', 'active', 'over']),
    match: z
      .strictObject({
        drills: z.array(z.string()).nullable(),
        owner: z.string().nullable(),
        tier: z.int().nullable(),
        labels: z.record(z.string(), z.string()).nullable(),
      })
      .describe('Which drills it covers. Every field that is not null must match.'),
    at: instant,
    ended: z
      .strictObject({ at: instant, by: z.string() })
      .nullable()
      .describe('Set if it was ended early or withdrawn.'),
  })
  .meta({ id: 'Silence' });

export const silences = z.strictObject({ silences: z.array(silence) }).meta({ id: 'Silences' });
