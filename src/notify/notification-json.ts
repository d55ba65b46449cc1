import { z } from 'zod';
import { STANDING_STATES } from '../support/vocabulary.ts';
import { NOTIFICATION_KINDS, type Notification } from './notification.ts';

const notificationSchema = z.object({
  id: z.string(),
  kind: z.enum(NOTIFICATION_KINDS),
  at: z.string(),
  drill: z.object({ name: z.string(), owner: z.string().optional(), tier: z.number().optional() }).optional(),
  state: z.enum(STANDING_STATES).optional(),
  headline: z.string(),
  since: z.string().optional(),
  facts: z.array(z.object({ label: z.string(), text: z.string() })),
  nextStep: z.string().optional(),
  links: z.array(z.object({ label: z.string(), url: z.string() })),
  rows: z.array(z.object({ state: z.enum(STANDING_STATES), drill: z.string(), text: z.string() })),
});

/** Parses what `JSON.stringify` wrote. @returns undefined for a notification of another version that this version cannot read. */
export function parseNotification(text: string): Notification | undefined {
  const parsed = notificationSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { drill, state, since, nextStep, ...rest } = parsed.data;
  return {
    ...rest,
    drill: drill && { name: drill.name, owner: drill.owner, tier: drill.tier },
    state,
    since,
    nextStep,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema rejects it
  }
}
