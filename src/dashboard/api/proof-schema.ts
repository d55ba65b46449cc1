import { z } from 'zod';
import { DAMAGES } from '../../support/vocabulary.ts';

export const proofSchema = z
  .strictObject({
    caught: z.int(),
    total: z.int().describe('Damages that count: those that were not skipped.'),
    seed: z.string().nullable().describe('Places in the backup were drawn from it; null: none was damaged.'),
    isPartial: z
      .boolean()
      .describe(
        'Only kinds that a user chose were tried, or nothing was, or it was interrupted, so it is not the drill’s proof.',
      ),
    entries: z.array(
      z.strictObject({
        kind: z.enum(DAMAGES).nullable().describe('null: recorded by an older version.'),
        damage: z.string(),
        caughtBy: z
          .array(z.string())
          .describe('Names of the checks that failed, or how the run ended. Empty: it went unseen, or was skipped.'),
        advice: z.string().nullable().describe('A check that would catch it, as YAML.'),
        skipped: z.string().nullable().describe('Why it was not tried, or proves nothing.'),
      }),
    ),
  })
  .describe('What the drill caught of damage to the restored copy and to the backup; null: the run was not a proof.');

export const proofStandingSchema = z
  .strictObject({
    sentence: z.string(),
    caught: z.int(),
    total: z.int().describe('Damages that were tried.'),
    provenAt: z.iso.datetime(),
    runId: z.string(),
    isOutdated: z.boolean().describe('Whether the drill has changed since.'),
    lost: z.array(z.enum(DAMAGES)).describe('Kinds of damage of which the proof before caught more.'),
  })
  .describe('How much damage the checks of the drill were last shown to catch; null: never proven.');
