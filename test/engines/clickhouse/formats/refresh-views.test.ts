import { expect, it } from 'vitest';
import { refreshViews } from '../../../../src/engines/clickhouse/formats/native-backup/refresh-views.ts';
import type { ClickHouseProgram } from '../../../../src/engines/clickhouse/server/program.ts';
import { ClickHouseError } from '../../../../src/engines/clickhouse/server/server-errors.ts';

const never = new AbortController().signal;
const PAUSED = 'EVERY 1 YEAR DEPENDS ON system.one';

/**
 * A program with these views, each with what follows REFRESH in its definition. `broken` cannot be refreshed, `full`
 * has rows. @returns the program, and the views that it was asked to refresh.
 */
function programWith(views: Readonly<Record<string, string>>) {
  const refreshed: string[] = [];
  const rows = Object.entries(views).map(
    ([name, rest]) => `shop\t${name}\tCREATE MATERIALIZED VIEW shop.${name} REFRESH ${rest}\n`,
  );
  const ask = async (sql: string) => {
    if (sql.startsWith('SELECT count()')) return '1\n';
    if (sql.startsWith('SELECT 1 FROM')) return sql.includes('full') ? '1\n' : '';
    if (sql.startsWith('SELECT')) return `database\tview\tcreate_table_query\nString\tString\tString\n${rows.join('')}`;
    if (sql.includes('broken')) throw new ClickHouseError('Code: 60. DB::Exception: no such table.', 1);
    refreshed.push(sql);
    return '';
  };
  return { program: { ask } as unknown as ClickHouseProgram, refreshed };
}

it('refreshes each view whose rows the backup omits, and reports it', async () => {
  const { program, refreshed } = programWith({
    broken: `${PAUSED} AS SELECT 1`,
    daily: `${PAUSED} TO shop.append AS SELECT 1`,
    full: `${PAUSED} TO shop.kept AS SELECT 1`,
    log: `${PAUSED} APPEND TO shop.t AS SELECT 1`,
  });
  expect(await refreshViews(program, never)).toEqual([
    expect.stringMatching(/^shop\.broken could not be refreshed: no such table/),
    'shop.daily was refreshed once: BACKUP leaves out the rows of such views',
  ]);
  expect(refreshed).toEqual(['SYSTEM REFRESH VIEW `shop`.`daily`; SYSTEM WAIT VIEW `shop`.`daily`']);
});

it('refreshes a view after the views that it reads, directly or through their targets', async () => {
  const { program, refreshed } = programWith({
    a: `${PAUSED} TO shop.ta (\`n\` UInt64) AS SELECT n FROM shop.\`t b\``,
    b: `${PAUSED} TO shop.\`t b\` (\`n\` UInt64) AS SELECT n FROM shop.c JOIN shop.circle USING n`,
    c: `${PAUSED} (\`n\` UInt64) ENGINE = Log AS SELECT 1 AS n`,
    circle: `${PAUSED} TO shop.tc (\`n\` UInt64) AS SELECT n FROM shop.ta`,
  });
  await refreshViews(program, never);
  expect(refreshed.map((sql) => /`shop`\.`(\w+)`/.exec(sql)?.[1])).toEqual(['c', 'circle', 'b', 'a']);
});

it.each([
  'EVERY 1 DAY APPEND TO shop.target AS SELECT 1',
  'AFTER 1 HOUR RANDOMIZE FOR 1 MINUTE APPEND (n UInt64) AS SELECT 1',
])('warns that each start refreshes a view whose refreshes could not be stopped: %s', async (rest) => {
  const { program, refreshed } = programWith({ log: rest });
  expect(await refreshViews(program, never)).toEqual([expect.stringMatching(/^shop\.log is refreshed whenever/)]);
  expect(refreshed).toEqual([]);
});
