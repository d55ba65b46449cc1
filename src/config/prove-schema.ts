import { z } from 'zod';
import { parseDurationMs } from '../support/quantities.ts';

const WEEK_MS = 7 * 86_400_000;
const MAX_PROVEN_TIER = 1;
const EXPECTED = 'must be weekly, never, or a duration such as 7d';

/** `prove:` in a drill file: how often scheduled runs prove its checks. */
export const proveSchema = z.string({ error: EXPECTED }).superRefine((text, context) => {
  if (text === 'never' || parseProve(text, undefined)) return;
  context.addIssue({ code: 'custom', message: `${EXPECTED}, not ${JSON.stringify(text)}` });
});

/**
 * @param tier of the drill.
 * @returns the time after which a proof is repeated, in milliseconds; undefined: checks are proven only manually. Without the key, the most important drills
 * are proven weekly.
 */
export function parseProve(text: string | undefined, tier: number | undefined): number | undefined {
  if (text === undefined) return tier !== undefined && tier <= MAX_PROVEN_TIER ? WEEK_MS : undefined;
  return text === 'weekly' ? WEEK_MS : parseDurationMs(text);
}
