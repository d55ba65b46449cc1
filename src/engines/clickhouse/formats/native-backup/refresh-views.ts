import { toPrintable } from '../../../../support/printable.ts';
import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError } from '../../server/server-errors.ts';
import { quoteName } from '../../sql/quoting.ts';
import { readTsv } from '../../sql/read-tsv.ts';
import { nameOf } from '../parts/create-tables.ts';

/** Of views that may have a schedule: 0 on a version that knows none. It costs nothing beside a RESTORE, and a process by itself. */
export const COUNT_SCHEDULES =
  "SELECT count() FROM system.tables WHERE engine = 'MaterializedView' AND create_table_query LIKE '%REFRESH%'";

/**
 * Refreshes the materialized views that have a schedule. BACKUP leaves out their rows, and RESTORE begins to refresh them, which ends with the process:
 * so each is refreshed again, and waited for.
 * Source: ClickHouse, the setting `backup_data_from_refreshable_materialized_view_targets`; measured with 26.7.
 * @returns a warning for each: its rows are not those of the backup. @throws what the program throws, but for a view that cannot be refreshed.
 */
export async function refreshViews(program: ClickHouseProgram, signal: AbortSignal): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const view of await listRefreshed(program, signal)) {
    const name = quoteName(view.database, view.table);
    try {
      await program.ask(`SYSTEM REFRESH VIEW ${name}; SYSTEM WAIT VIEW ${name}`, { signal });
      warnings.push(`${nameOf(view)} was refreshed: BACKUP leaves out the rows of such views`);
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw error;
      warnings.push(toPrintable(`${nameOf(view)} could not be refreshed: ${error.message}`, 300));
    }
  }
  return warnings;
}

async function listRefreshed(
  program: ClickHouseProgram,
  signal: AbortSignal,
): Promise<readonly { readonly database: string; readonly table: string }[]> {
  const listed = `SELECT count() FROM system.tables WHERE database = 'system' AND name = 'view_refreshes'`;
  if ((await program.ask(listed, { signal })).trim() !== '1') return [];
  const options = { 'output-format': 'TabSeparatedWithNamesAndTypes' };
  const sql = 'SELECT database, view FROM system.view_refreshes ORDER BY database, view';
  const { rows } = readTsv(await program.ask(sql, { options, signal }), Number.POSITIVE_INFINITY);
  return rows.map(([database, view]) => ({ database: String(database), table: String(view) }));
}
