import { expect, it } from 'vitest';
import { refreshViews } from '../../../../src/engines/clickhouse/formats/native-backup/refresh-views.ts';
import type { ClickHouseProgram } from '../../../../src/engines/clickhouse/server/program.ts';
import { ClickHouseError } from '../../../../src/engines/clickhouse/server/server-errors.ts';

const never = new AbortController().signal;

/** A program with these views; `broken` cannot be refreshed. @returns it, and what it was asked to refresh. */
function programWith(views: Readonly<Record<string, string>>) {
  const refreshed: string[] = [];
  const rows = Object.entries(views).map(
    ([name, schedule]) =>
      `shop\t${name}\tCREATE MATERIALIZED VIEW shop.${name} REFRESH ${schedule} (\`n\` UInt64) AS SELECT 1 AS n\n`,
  );
  const ask = async (sql: string) => {
    if (sql.startsWith('SELECT count()')) return '1\n';
    if (sql.startsWith('SELECT')) return `database\tview\tcreate_table_query\nString\tString\tString\n${rows.join('')}`;
    if (sql.includes('broken')) throw new ClickHouseError('Code: 60. DB::Exception: no such table.', 1);
    refreshed.push(sql);
    return '';
  };
  return { program: { ask } as unknown as ClickHouseProgram, refreshed };
}

it('refreshes each view whose rows a backup leaves out, and says so', async () => {
  const { program, refreshed } = programWith({
    broken: 'AFTER 1 HOUR',
    daily: 'EVERY 1 DAY OFFSET 2 HOUR TO shop.append',
  });
  expect(await refreshViews(program, never)).toEqual([
    expect.stringMatching(/^shop\.broken could not be refreshed: no such table/),
    'shop.daily was refreshed: BACKUP leaves out the rows of such views',
  ]);
  expect(refreshed).toEqual(['SYSTEM REFRESH VIEW `shop`.`daily`; SYSTEM WAIT VIEW `shop`.`daily`']);
});

it.each([
  'EVERY 1 DAY APPEND TO shop.target',
  'AFTER 1 HOUR RANDOMIZE FOR 1 MINUTE APPEND',
  'AFTER 1 HOUR APPEND INCREMENTAL TO shop.t',
])('adds no rows to those that a backup has of a view that appends: %s', async (schedule) => {
  const { program, refreshed } = programWith({ log: schedule });
  expect(await refreshViews(program, never)).toEqual([expect.stringMatching(/^shop\.log appends rows when/)]);
  expect(refreshed).toEqual([]);
});
