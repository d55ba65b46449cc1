import { DrillError } from '../../../support/errors.ts';
import type { MysqlServer } from '../server/mysql-server.ts';

/**
 * Checks after a load that no events have run. Statements that would start the scheduler are skipped, and MySQL rejects them; this check catches what a routine
 * of the dump may have done in MariaDB.
 * @throws DrillError `restore-failed` when the scheduler is on.
 */
export async function assertEventSchedulerOff(server: MysqlServer, signal: AbortSignal): Promise<void> {
  const [row] = await server.administer(signal, (session) => session.ask('SELECT @@GLOBAL.event_scheduler'));
  const state = row?.[0] ?? 'unknown';
  if (state === 'OFF' || state === 'DISABLED') return;
  throw new DrillError(
    'restore-failed',
    `the dump turned the event scheduler on (${state}), so its events may have changed the data`,
    {
      hint: 'Find the statement in the dump that sets event_scheduler, most likely in a routine that it calls, and remove it.',
    },
  );
}
