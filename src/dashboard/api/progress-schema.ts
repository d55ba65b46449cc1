import { z } from 'zod';
import { PHASES } from '../../support/vocabulary.ts';

const ms = z.int();

export const progressSchema = z.strictObject({
  doing: z.string(),
  phase: z.enum(PHASES),
  bytesRead: z
    .number()
    .describe(
      'Of the stored backup, less rows that wait for a session; while files are verified or the log is replayed, of those.',
    ),
  totalBytes: z.number().describe('0: not known.'),
  bytesPerSecond: z.number().nullable(),
  ratio: z.number().nullable().describe('Of the work of the current step: bytes loaded, indexes, log replayed.'),
  isStalled: z.boolean(),
});

export const predictionSchema = z
  .strictObject({
    elapsedMs: ms.describe('Recovery time so far.'),
    rtoMs: ms.describe('What it is held to.'),
    finish: z
      .strictObject({
        likelyMs: ms.describe('The recovery time that is expected, of which `elapsedMs` have passed.'),
        lowMs: ms.describe('At least this, if the rest goes well.'),
        highMs: ms.describe('At most this, if it does not.'),
      })
      .nullable()
      .describe('Recovery time that is likely, and its range; null: that cannot be told yet.'),
    why: z
      .string()
      .describe(
        'What it is based on: earlier runs and how fast this one is, or this run’s rate; with no finish, why there is none.',
      ),
  })
  .describe('When recovery will be complete.');
