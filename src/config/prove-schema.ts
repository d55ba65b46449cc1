import { z } from 'zod';
import { parseDurationMs } from '../support/quantities.ts';

const WEEK_MS = 7 * 86_400_000;
const EXPECTED = 'must be weekly, never, or a duration such as 7d';

/** `prove:` of a drill file: how often scheduled runs prove its checks. */
export const proveSchema = z.string({ error: EXPECTED }).superRefine((text, context) => {
  if (text === 'never' || parseProve(text)) return;
  context.addIssue({ code: 'custom', message: `${EXPECTED}, not ${JSON.stringify(text)}` });
});

/** @returns the time after which a proof is repeated, in milliseconds; undefined: checks are proven by hand only. */
export function parseProve(text: string | undefined): number | undefined {
  if (text === 'weekly') return WEEK_MS;
  return text === undefined ? undefined : parseDurationMs(text);
}
