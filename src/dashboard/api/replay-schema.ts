import { z } from 'zod';

const commit = z
  .strictObject({ transaction: z.string().nullable(), at: z.iso.datetime(), position: z.string().nullable() })
  .nullable();

export const replaySchema = z
  .strictObject({
    to: z.string().describe('The recovery target.'),
    end: z.string().nullable().describe('Where in the log it ended.'),
    lastCommit: commit.describe('The last commit that was replayed.'),
    firstLost: commit.describe('The first commit that was not replayed; null: there is none, or it was not found.'),
    isWholeLog: z.boolean().describe('Whether the whole log archive was replayed.'),
    archive: z
      .strictObject({
        newest: z.string().describe('The newest log file in it.'),
        storedAt: z.iso.datetime().nullable(),
        lagMs: z.number().nullable().describe('How long before the start of the run the newest log file was stored.'),
      })
      .nullable()
      .describe(
        'How recent the log archive was; null: there is none, or only the part that the backup itself needs was read.',
      ),
  })
  .describe('How far the log was replayed; null: no log was replayed.');
