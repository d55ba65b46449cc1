import { z } from 'zod';
import { DAMAGES } from '../../support/vocabulary.ts';

export const proofSchema = z
  .strictObject({
    caught: z.int(),
    total: z.int().describe('Damages tried, without those that were skipped.'),
    seed: z
      .string()
      .nullable()
      .describe('Seed for choosing which places in the backup to damage; null: the backup was not damaged.'),
    isPartial: z
      .boolean()
      .describe(
        'Whether it does not count as the drill’s proof: only selected kinds of damage were tried, or none, or it was interrupted.',
      ),
    entries: z.array(
      z.strictObject({
        kind: z.enum(DAMAGES).nullable().describe('null: recorded by an older version.'),
        damage: z.string(),
        caughtBy: z
          .array(z.string())
          .describe('Names of the checks that failed, or how the run ended. Empty: not caught, or skipped.'),
        advice: z.string().nullable().describe('A check that would catch it, as YAML.'),
        skipped: z.string().nullable().describe('Why it was not tried, or why it proves nothing.'),
      }),
    ),
  })
  .describe('Which damage to the restored copy and to the backup the drill caught; null: the run was not a proof.');

export const proofStandingSchema = z
  .strictObject({
    sentence: z.string(),
    caught: z.int(),
    total: z.int().describe('Kinds of damage tried.'),
    provenAt: z.iso.datetime(),
    runId: z.string(),
    isOutdated: z.boolean().describe('Whether the drill has changed since.'),
    lost: z.array(z.enum(DAMAGES)).describe('Kinds of damage that the previous proof caught more of.'),
  })
  .describe('How much damage the drill’s checks caught in the latest proof; null: never proven.');
