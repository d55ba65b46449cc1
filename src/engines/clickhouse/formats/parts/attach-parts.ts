import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError, restoreError } from '../../server/server-errors.ts';
import { quoteName, quoteText } from '../../sql/quoting.ts';
import { readTsv } from '../../sql/read-tsv.ts';
import { tableId } from '../../table-id.ts';
import { nameOf } from './create-tables.ts';
import { inOrder, type PartedTable } from './parted-table.ts';

const AT_ONCE = 200;

/** Where to put the parts of each table, below `program.path`: `store/3ff/3ff0…/detached/`. @throws what the program throws. */
export async function findDetached(
  program: ClickHouseProgram,
  tables: readonly PartedTable[],
  signal: AbortSignal,
): Promise<ReadonlyMap<PartedTable, string>> {
  const columns = `SELECT count() FROM system.columns WHERE database = 'system' AND table = 'tables' AND name = 'data_paths'`;
  const hasPaths = program.checksParts || (await program.ask(columns, { signal })).trim() !== '0'; // clickhouse-local always has them
  const sql = `SELECT database, name, ${hasPaths ? 'data_paths[1]' : 'data_path'} FROM system.tables WHERE database != 'system'`;
  const options = { 'output-format': 'TabSeparatedWithNamesAndTypes' };
  const { rows } = readTsv(await program.ask(sql, { options, signal }), Number.POSITIVE_INFINITY);
  const paths = new Map(
    rows.map(([database, table, path]) => [
      tableId({ database: String(database), table: String(table) }),
      String(path),
    ]),
  );
  const folders = tables.map((table): [PartedTable, string] => {
    const path = paths.get(tableId(table)) ?? '';
    const below = path.startsWith(`${program.path}/`) ? path.slice(program.path.length + 1) : path;
    return [table, `${below.replace(/\/?$/, '/')}detached/`];
  });
  return new Map(folders);
}

/**
 * Attaches the parts in `detached/`, which compares the sizes of each part's files with those that the part records.
 * @throws DrillError as {@link restoreError} maps it, naming the table.
 */
export async function attachParts(
  program: ClickHouseProgram,
  tables: readonly PartedTable[],
  {
    key,
    signal,
    onDone,
  }: { readonly key: string; readonly signal: AbortSignal; readonly onDone: (ratio: number) => void },
): Promise<void> {
  const all = tables.flatMap((table) => inOrder(table.parts).map(({ name }) => ({ table, name })));
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const batch = all.slice(at, at + AT_ONCE);
    const sql = batch.map(
      ({ table: { database, table }, name }) =>
        `ALTER TABLE ${quoteName(database, table)} ATTACH PART ${quoteText(name)};`,
    );
    try {
      await program.ask(sql.join('\n'), { signal });
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw error;
      const names = [...new Set(batch.map(({ table }) => nameOf(table)))];
      const what = names.length === 1 ? names[0] : `${names[0]} and ${names.length - 1} more tables`;
      throw restoreError(error, key, `attaching ${batch.length} parts of ${what}`);
    }
    onDone(Math.min(1, (at + batch.length) / all.length));
  }
}
