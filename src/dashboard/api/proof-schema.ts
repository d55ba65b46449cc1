import { z } from 'zod';

export const proofSchema = z
  .strictObject({
    entries: z.array(
      z.strictObject({
        damage: z.string(),
        caughtBy: z.array(z.string()).describe('Names of the checks that failed. Empty: it went unseen.'),
        advice: z.string().nullable().describe('A check that would catch it, as YAML.'),
      }),
    ),
  })
  .describe('What the checks caught of damage to the restored copy; null: the run was not a proof.');

export const proofStandingSchema = z
  .strictObject({
    sentence: z.string(),
    caught: z.int(),
    total: z.int().describe('Damages that were tried.'),
    provenAt: z.iso.datetime(),
    runId: z.string(),
    isOutdated: z.boolean().describe('Whether the drill has changed since.'),
  })
  .describe('How much damage the checks of the drill were last shown to catch; null: never proven.');
