import { createHash } from 'node:crypto';
import type { Schedule } from '../config/drill-file.ts';

/**
 * Identifies a schedule when checking what was missed: SHA-256, in hex, over the JSON of what defines its times,
 * `{"cron":"30 3 * * *","timezone":"UTC"}`, with `"cron":null` for a schedule that runs only after new backups.
 *
 * Windows, freezes, jitter and the rest are left out: they decide what happens to a run, not when it is due. Adding a freeze
 * while the scheduler is down must not make it forget a missed run.
 */
export function scheduleHash({ cron, timezone }: Pick<Schedule, 'cron' | 'timezone'>): string {
  return createHash('sha256')
    .update(JSON.stringify({ cron: cron ?? null, timezone }))
    .digest('hex');
}
