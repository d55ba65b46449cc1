import { type Lane, Lanes } from '../../sql-dump/lanes.ts';
import type { Session, SessionOptions } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';

/** Makes a session retain as many warnings per statement as the server allows: the one that matters may follow thousands that do not. */
export const KEEP_WARNINGS = 'SET SESSION max_error_count = 65535';

/** The sessions that load a backup. @param jobs how many run at once. */
export function loadLanes(
  server: MysqlServer,
  jobs: number,
  signal: AbortSignal,
  options: SessionOptions = {},
): Lanes<Session> {
  const open = async (): Promise<Lane<Session>> => {
    const client = await server.openSession(undefined, signal, options);
    await client.execute(KEEP_WARNINGS);
    return { client, settingsApplied: 0 };
  };
  return new Lanes(Math.max(1, jobs), open);
}
