import { z } from 'zod';
import { PHASES, STAGES } from '../../support/vocabulary.ts';

const ms = z.int();

/** A stage of a run, with its steps. */
export const stageSchema = z.strictObject({
  name: z.enum(STAGES),
  startedAt: z.iso.datetime(),
  durationMs: ms,
  outcome: z.enum(['ok', 'failed', 'errored', 'interrupted', 'skipped']),
  phases: z
    .array(
      z.strictObject({
        name: z.enum(PHASES),
        startedAt: z.iso
          .datetime()
          .nullable()
          .describe('When it first began, if it was repeated. Null in runs recorded by earlier versions.'),
        durationMs: ms,
        bytes: z
          .number()
          .nullable()
          .describe('Bytes processed: stored bytes read, files verified, or log replayed. Null if not counted.'),
      }),
    )
    .describe('Steps timed separately; they may overlap. Empty in runs recorded before phases were.'),
});
