import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { MysqlServer } from '../server/mysql-server.ts';

const NAMES_SHOWN = 10;

/**
 * One-time events that were due by the point recovered to and are still enabled. Once a server has run an event that it keeps (`ON COMPLETION PRESERVE`), it
 * disables it without logging that, so a copy would run it again. They are not altered: that would change their definer and settings, too.
 * @param until commit time of the last transaction that was replayed. @returns a warning, or nothing.
 */
export async function findOverdueEvents(
  server: MysqlServer,
  until: Date | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!until) return [];
  const instant = until.toISOString().slice(0, 19).replace('T', ' ');
  const rows = await server.administer(signal, (session) => session.ask(`${OVERDUE} <= '${instant}'`));
  if (rows.length === 0) return [];
  const names = rows.slice(0, NAMES_SHOWN).map(([schema, name]) => toPrintable(`${schema}.${name}`));
  const more = rows.length > NAMES_SHOWN ? ` and ${formatCount(rows.length - NAMES_SHOWN)} more` : '';
  const [events, are] = rows.length === 1 ? ['a one-time event', 'is'] : ['one-time events', 'are'];
  return [
    `${events} due before the point recovered to ${are} still enabled: ${names.join(', ')}${more}; a server disables what it has run without logging that, so in a real recovery, use ALTER EVENT … DISABLE before you turn on the event scheduler`,
  ];
}

/** `EXECUTE_AT` is in the event's own time zone, which is unknown to a server without time zone tables. */
const OVERDUE = `SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS
  WHERE EVENT_TYPE = 'ONE TIME' AND STATUS = 'ENABLED' AND LAST_EXECUTED IS NULL
    AND COALESCE(CONVERT_TZ(EXECUTE_AT, TIME_ZONE, '+00:00'), EXECUTE_AT)`;
