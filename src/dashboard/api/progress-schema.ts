import { z } from 'zod';
import { PHASES } from '../../support/vocabulary.ts';

const ms = z.int();

export const progressSchema = z.strictObject({
  doing: z.string(),
  phase: z.enum(PHASES),
  bytesRead: z
    .number()
    .describe(
      'Bytes of the stored backup that were processed, without rows that wait for a session; while files are verified or the log is replayed, bytes of those.',
    ),
  totalBytes: z.number().describe('0: not known.'),
  bytesPerSecond: z.number().nullable(),
  ratio: z.number().nullable().describe('Share of the current step that is done: bytes loaded, indexes, log replayed.'),
  isStalled: z.boolean(),
});

export const predictionSchema = z
  .strictObject({
    elapsedMs: ms.describe('Recovery time so far.'),
    rtoMs: ms.describe('The RTO.'),
    finish: z
      .strictObject({
        likelyMs: ms.describe('The expected recovery time, including `elapsedMs`.'),
        lowMs: ms.describe('Lower end of the range.'),
        highMs: ms.describe('Upper end of the range.'),
      })
      .nullable()
      .describe('Likely recovery time, and its range; null: not known yet.'),
    why: z
      .string()
      .describe(
        'What the prediction is based on: earlier runs and how fast this one is, or this run’s rate. If there is no `finish`, why not.',
      ),
  })
  .describe('When recovery is expected to be complete.');
