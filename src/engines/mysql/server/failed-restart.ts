import { DrillError } from '../../../support/errors.ts';
import type { MysqlServer } from './mysql-server.ts';

/** `2026-11-28  8:24:23 0 [ERROR] …`, `2026-11-28T08:24:23.1Z 0 [ERROR] [MY-010326] [Server] …`. */
const LOGGED_ERROR = /\[ERROR\]\s*(?:\[[^\]]*\]\s*)*(.*)$/;

/**
 * Finds the cause when a server does not restart after a load, by experiment: if a server starts on an empty data directory, in the same place with the same
 * settings, but not on the restored data, the dump is at fault. Every other error is returned unchanged.
 */
export async function explainFailedRestart(error: unknown, server: MysqlServer, signal: AbortSignal): Promise<unknown> {
  const isOwnFailure = error instanceof DrillError && error.code === 'server-failed' && server.serverProcess.hasEnded;
  if (!isOwnFailure || signal.aborted || server.sandbox.gone.aborted) return error;
  if (!(await server.startsOnEmptyData(signal))) return error;
  const errors = server.serverProcess.lastLines.flatMap((line) => LOGGED_ERROR.exec(line)?.[1] ?? []);
  const why = errors.find((line) => /fatal|can't|cannot|failed/i.test(line)) ?? errors.at(-1) ?? error.message;
  return new DrillError(
    'restore-failed',
    `the server does not start again on what the dump restored, but does on an empty data directory: ${why}`,
    {
      details: error.details,
      hint: 'Read the last lines of its log above, and look in the dump for statements that change or drop tables of the database mysql.',
      cause: error,
    },
  );
}
