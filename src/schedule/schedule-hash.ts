import { createHash } from 'node:crypto';
import type { Schedule } from '../config/drill-file.ts';

/**
 * What tells one schedule from another when it is asked what was missed: SHA-256, in hex, over the JSON of what names its times,
 * `{"cron":"30 3 * * *","timezone":"UTC"}`, with `"cron":null` for one that runs after each new backup only.
 *
 * Windows, freezes, jitter and the rest are left out: they say what becomes of a run, not when one was due, and a freeze that is
 * added while the scheduler is down must not make it forget the run that it owes.
 */
export function scheduleHash({ cron, timezone }: Pick<Schedule, 'cron' | 'timezone'>): string {
  return createHash('sha256')
    .update(JSON.stringify({ cron: cron ?? null, timezone }))
    .digest('hex');
}
