import type { PostgresServer } from './postgres-server.ts';
import { requirePreloaded } from './preload.ts';
import { restartServer } from './seal.ts';

const CRON_DATABASE = 'cron.database_name';

/**
 * Checks before a load that the server can create the backup's extensions, and with which settings it must be started. pg_cron lives in a single database,
 * chosen by a server setting: unless the drill sets it, that is the database that is restored.
 * @throws DrillError `image-incomplete`.
 */
export async function readyForExtensions(
  server: PostgresServer,
  extensions: readonly string[],
  database: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { preload, settings } = server.options;
  requirePreloaded(extensions, preload);
  if (!extensions.includes('pg_cron') || settings[CRON_DATABASE] !== undefined) return;
  if (database === undefined || database === 'postgres') return;
  server.options = { ...server.options, settings: { ...settings, [CRON_DATABASE]: database } };
  await restartServer(server, 'load', signal);
}
