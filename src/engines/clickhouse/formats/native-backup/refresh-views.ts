import { toPrintable } from '../../../../support/printable.ts';
import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError } from '../../server/server-errors.ts';
import { quoteName } from '../../sql/quoting.ts';
import { readTsv } from '../../sql/read-tsv.ts';
import { nameOf } from '../parts/create-tables.ts';
import { readDefinition } from '../parts/definition.ts';
import { inReadingOrder, type RefreshedView } from './reading-order.ts';

/** Counts views that may have a schedule: 0 on a version without schedules. It costs nothing as part of a RESTORE, and a process by itself. */
export const COUNT_SCHEDULES =
  "SELECT count() FROM system.tables WHERE engine = 'MaterializedView' AND create_table_query LIKE '%REFRESH%'";

/**
 * Refreshes the materialized views that have a schedule and no rows, since BACKUP omits these rows, each once and after those that it reads. Excludes views
 * that append: BACKUP includes their rows, and each refresh adds the result of the query to them. Source: ClickHouse, the setting
 * `backup_data_from_refreshable_materialized_view_targets`; measured with 26.7.
 * @returns a warning for each whose rows are not those of the backup. @throws what the program throws, except for a view that cannot be refreshed.
 */
export async function refreshViews(program: ClickHouseProgram, signal: AbortSignal): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const view of inReadingOrder(await listRefreshed(program, signal))) {
    if (!view.paused) {
      warnings.push(
        `${nameOf(view)} is refreshed whenever clickhouse-local starts, and each check starts it: its rows can change between checks`,
      );
    }
    if (view.appends) continue;
    const name = quoteName(view.database, view.table);
    try {
      if (view.paused && (await program.ask(`SELECT 1 FROM ${name} LIMIT 1`, { signal })).trim() !== '') continue;
      await program.ask(`SYSTEM REFRESH VIEW ${name}; SYSTEM WAIT VIEW ${name}`, { signal });
      warnings.push(`${nameOf(view)} was refreshed once: BACKUP leaves out the rows of such views`);
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw error;
      warnings.push(toPrintable(`${nameOf(view)} could not be refreshed: ${error.message}`, 300));
    }
  }
  return warnings;
}

async function listRefreshed(program: ClickHouseProgram, signal: AbortSignal): Promise<readonly RefreshedView[]> {
  const listed = `SELECT count() FROM system.tables WHERE database = 'system' AND name = 'view_refreshes'`;
  if ((await program.ask(listed, { signal })).trim() !== '1') return [];
  const options = { 'output-format': 'TabSeparatedWithNamesAndTypes' };
  const { rows } = readTsv(await program.ask(LIST_REFRESHED, { options, signal }), Number.POSITIVE_INFINITY);
  return rows.map(([database, view, text]) => {
    const named = { database: String(database), table: String(view), text: String(text) };
    const schedule = readDefinition(named.text, named.database, named.table)?.schedule;
    return { ...named, appends: schedule?.appends ?? false, paused: schedule?.paused ?? false };
  });
}

const LIST_REFRESHED = `SELECT database, view, create_table_query FROM system.view_refreshes
LEFT JOIN system.tables AS t ON t.database = view_refreshes.database AND t.name = view_refreshes.view ORDER BY database, view`;
