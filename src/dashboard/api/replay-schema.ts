import { z } from 'zod';

const commit = z
  .strictObject({ transaction: z.string().nullable(), at: z.iso.datetime(), position: z.string().nullable() })
  .nullable();

export const replaySchema = z
  .strictObject({
    to: z.string().describe('The point that was aimed at.'),
    end: z.string().nullable().describe('Where in the log it ended.'),
    lastCommit: commit.describe('The last commit that was replayed.'),
    firstLost: commit.describe('The first commit that was not; null: there is none, or it was not found.'),
    isWholeLog: z.boolean().describe('Nothing of the log archive is left.'),
    archive: z
      .strictObject({
        newest: z.string().describe('The newest file of the log in it.'),
        storedAt: z.iso.datetime().nullable(),
        lagMs: z.number().nullable().describe('How long before the start of the run that file was stored.'),
      })
      .nullable()
      .describe('How recent the log archive was; null: there is none, or only what the backup itself needs was read.'),
  })
  .describe('How far the log of a physical backup was replayed; null: none was.');
