import { z } from 'zod';

export const raceSchema = z
  .strictObject({
    against: z.string().describe('The other drill, which recovers the same database another way.'),
    first: z.string().nullable().describe('The drill that recovers first; null: not known, or too close to tell.'),
    recoveryTimeMs: z.number().nullable().describe('Median of the latest recoveries.'),
    againstRecoveryTimeMs: z.number().nullable().describe('The same for the other drill.'),
    crossingBytes: z.int().nullable().describe('The data size above which the other drill is expected to be faster.'),
    sentences: z.array(z.string()).describe('Which recovers first and by how much; what happens as the data grows.'),
  })
  .describe('Two ways to recover a database, compared by their recorded runs.');
