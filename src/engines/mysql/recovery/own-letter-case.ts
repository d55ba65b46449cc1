import { toPrintable } from '../../../support/printable.ts';
import { findOtherCase, NAMES_IGNORING_CASE, readCatalog } from '../loading/letter-case.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { restart } from '../server/seal.ts';

/**
 * Starts the server again with `lower_case_table_names=1` if the recovered data comes from a server that ignores the case of names. A backup does not state
 * that; the evidence is that all its tables are in lower case, and its own routines refer to one in another case. MySQL 8.0 and later store the setting with
 * the data.
 * @returns a warning.
 */
export async function startInOwnCase(server: MysqlServer, signal: AbortSignal): Promise<string | undefined> {
  if (server.flavor.keepsLetterCase(server.version) || 'lower_case_table_names' in server.options.settings)
    return undefined;
  const other = findOtherCase(await readCatalog(server, signal), []);
  if (!other) return undefined;
  server.options = { ...server.options, settings: { ...server.options.settings, ...NAMES_IGNORING_CASE } };
  await restart(server, false, signal);
  return `a routine of the backup asks for ${toPrintable(other.written, 100)} and the table is stored as ${toPrintable(other.stored, 100)}, as on a server with lower_case_table_names=1, so the server was started with that setting; set \`engine.settings: { lower_case_table_names: 1 }\` in the drill to start with it`;
}
