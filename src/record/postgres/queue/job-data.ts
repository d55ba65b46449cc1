import { z } from 'zod';
import { TRIGGER_KINDS } from '../../../support/vocabulary.ts';
import type { NewJob } from '../../queue-store.ts';

const instant = z.iso.datetime().transform((text) => new Date(text));

/** The stored data of a queued run; the queue's name is the pool. */
const jobSchema = z.object({
  drill: z.string(),
  definitionHash: z.string(),
  trigger: z.object({
    kind: z.enum(TRIGGER_KINDS),
    dueAt: instant.optional(),
    attempt: z.number(),
    raceOf: z.string().optional(),
  }),
  dueAt: instant,
  triggeredBy: z.string(),
  waitingSince: instant,
  retryOf: z.string().optional(),
  diskBytes: z.number().optional(),
  isOverBudget: z.literal(true).optional(),
});

/** Instants become ISO 8601 in JSON. */
export function writeJob(job: NewJob): object {
  const { drill, definitionHash, trigger, dueAt, triggeredBy, waitingSince, retryOf, diskBytes, isOverBudget } = job;
  return { drill, definitionHash, trigger, dueAt, triggeredBy, waitingSince, retryOf, diskBytes, isOverBudget };
}

/** Throws if it was not written by Firedrill. */
export function readJob(data: unknown): Omit<NewJob, 'pool'> {
  const { trigger, isOverBudget, ...job } = jobSchema.parse(data);
  const { kind, dueAt, attempt, raceOf } = trigger;
  return {
    ...job,
    trigger: { kind, dueAt, attempt, ...(raceOf !== undefined && { raceOf }) },
    retryOf: job.retryOf,
    diskBytes: job.diskBytes,
    ...(isOverBudget && { isOverBudget }),
  };
}
