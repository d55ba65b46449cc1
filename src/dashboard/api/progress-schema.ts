import { z } from 'zod';
import { PHASES } from '../../support/vocabulary.ts';

const ms = z.int();

export const progressSchema = z.strictObject({
  doing: z.string(),
  phase: z.enum(PHASES),
  bytesRead: z.number().describe('Of the stored backup, less rows that wait for a session; while files are verified or the log is replayed, of those.'),
  totalBytes: z.number().describe('0: not known.'),
  bytesPerSecond: z.number().nullable(),
  ratio: z.number().nullable().describe('Of the work of the current step: bytes loaded, indexes, log replayed.'),
  isStalled: z.boolean(),
});

export const predictionSchema = z
  .strictObject({
    elapsedMs: ms.describe('Recovery time so far.'),
    rtoMs: ms,
    finish: z
      .strictObject({ likelyMs: ms, lowMs: ms, highMs: ms })
      .nullable()
      .describe('Recovery time that is likely, and its range; null: that cannot be told yet.'),
    why: z.string().describe('What it is based on.'),
  })
  .describe('When recovery will be complete.');
