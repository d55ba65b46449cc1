import { sql } from 'kysely';
import type { StoreClock } from '../queries/daemons.ts';

const NOW = sql<string>`to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Uses the server's clock, because the clocks of the machines that share it may differ. */
export const POSTGRES_CLOCK: StoreClock = {
  now: NOW,
  ageMs: sql<number | null>`(extract(epoch from clock_timestamp() - seen_at::timestamptz) * 1000)::double precision`,
  readNow: async (trx, hostNow) => {
    const { rows } = await sql<{ readonly now: string }>`select ${NOW} as now`.execute(trx);
    return rows[0] ? new Date(rows[0].now) : hostNow;
  },
};
