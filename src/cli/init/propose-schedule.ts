import type { SeriesFinding } from '../../record/discovery-store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Less frequent backups are drilled as they arrive. */
const MAX_DAILY_MS = 36 * HOUR_MS;
const DEFAULT = '30 3 * * *';

/** A nightly run an hour after the backup usually arrives, or one per new backup if they are less frequent. */
export function proposeSchedule(series: Pick<SeriesFinding, 'intervalMs' | 'newestAt'> | undefined): string {
  if (series?.intervalMs === undefined) return DEFAULT;
  if (series.intervalMs > MAX_DAILY_MS) return 'new-backup';
  if (series.intervalMs < 20 * HOUR_MS) return DEFAULT;
  const at = new Date(series.newestAt.getTime() + HOUR_MS);
  return `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
}
