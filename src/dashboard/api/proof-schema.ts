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
