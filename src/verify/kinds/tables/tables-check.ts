import { z } from 'zod';
import { checkMapping, mapping, name as nameSchema, percent, wholeNumber } from '../../../config/fields.ts';
import { DrillError } from '../../../support/errors.ts';
import { inParallel } from '../../../support/in-parallel.ts';
import { parseDurationMs, parseRatio } from '../../../support/quantities.ts';
import { isPattern, TableNames } from '../../catalog/table-names.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';
import { countOf, findingOf, formatBig } from '../../findings.ts';
import { chooseTables, type TableRule } from './choose-tables.ts';
import { countRows } from './count-rows.ts';
import { compareWithBefore, readCounts, type TableCount, toMeasured } from './row-history.ts';

/** Verifies that tables exist and contain rows. */
export interface TablesCheck extends CheckBase<'tables'> {
  readonly tables: readonly TableRule[];
  /** Names and patterns of tables that may be empty. */
  readonly expectedEmpty: readonly string[];
  /** Maximum share of rows lost since the last good run, 0 to 1; undefined: not compared. */
  readonly maxDrop: number | undefined;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
}

const MAX_ROWS = Number.MAX_SAFE_INTEGER;
const tableName = () => nameSchema('the name of a table, or a pattern such as "order*"');

export const tablesCheck = defineCheckKind({
  key: 'tables',
  needs: 'catalog',
  schema: checkMapping({
    tables: z
      .array(
        z.union(
          [
            tableName(),
            mapping({
              table: tableName().describe('As in the list.'),
              minRows: wholeNumber(1, MAX_ROWS).describe('Minimum number of rows.'),
            }),
          ],
          { error: 'must be the name of a table, a pattern, or { table: NAME, minRows: NUMBER }' },
        ),
        { error: 'must be a list of tables' },
      )
      .min(1, { error: 'is empty; must be a list of tables' })
      .describe(
        'Tables that must exist and hold rows: names (`orders`, `shop.orders`) and patterns (`"order*"`, `"*"` for all). A pattern counts a table and its partitions as one, and ignores views, tables of extensions, and tables whose rows the server does not keep.',
      )
      .meta({ examples: [['customer', 'order*', { table: 'payment', minRows: 10_000 }]] }),
    minRows: wholeNumber(1, MAX_ROWS).default(1).describe('Minimum number of rows in each table.'),
    expectedEmpty: z
      .array(tableName(), { error: 'must be a list of tables' })
      .default([])
      .describe('Names and patterns of tables that may hold no rows.'),
    maxDrop: percent()
      .optional()
      .describe(
        'How many fewer rows a table may have than in the last run that passed. The first run only counts. Counting takes a full scan of each table.',
      )
      .meta({ examples: ['10%'] }),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  resolve({ name, tables, minRows, expectedEmpty, maxDrop, database, timeout }): TablesCheck | undefined {
    return {
      kind: 'tables',
      name,
      tables: tables.map((one) => (typeof one === 'string' ? { table: one, minRows } : one)),
      expectedEmpty,
      maxDrop: maxDrop === undefined ? undefined : parseRatio(maxDrop),
      database,
      timeoutMs: parseDurationMs(timeout) ?? Number.NaN,
    };
  },
  findVacuous({ tables, expectedEmpty }) {
    const isAll = expectedEmpty.some((pattern) => /^[*]+$/.test(pattern));
    if (!isAll || tables.some(({ table }) => !isPattern(table))) return undefined;
    return { path: ['expectedEmpty'], message: 'allows every table to be empty, so the check could not fail' };
  },
  questionOf: ({ tables, database }) => [tables.map(({ table }) => table).toSorted(), database ?? null],
  describe,
  async run(check, { probe, previous }) {
    const { expectedEmpty, maxDrop, database } = check;
    const catalog = probe.catalog(database);
    const names = await TableNames.of(catalog);
    const { chosen, problems } = chooseTables(check.tables, expectedEmpty, names);
    const isHeld = maxDrop !== undefined || chosen.some(({ minRows }) => minRows > 0);
    if (!isHeld && problems.length === 0 && check.tables.every(({ table }) => isPattern(table))) {
      throw asksForNothing(chosen.length);
    }
    const counts = await inParallel(chosen, probe.parallel, async ({ table, minRows }): Promise<TableCount> => {
      const sql = catalog.quote(table.schema, table.name);
      const rows = await countRows(probe, sql, { database, atMost: maxDrop === undefined ? minRows : undefined });
      return { name: names.show(table), minRows, rows };
    });
    const found = [...problems, ...counts.flatMap((count) => explainCount(count) ?? [])];
    const held = chosen.filter(({ minRows }) => minRows > 0).length;
    const allowed = held < chosen.length ? `, ${formatBig(chosen.length - held)} that may be empty` : '';
    const fine = `${countOf(held, 'table')} with rows${allowed}`;
    const expected = describe(check);
    if (maxDrop === undefined) return { expected, ...findingOf(found, fine) };

    const [last] = await previous(1);
    const before = last && readCounts(last);
    const compared = before ? compareWithBefore(counts, before, { maxDrop, patterns: check.tables, names }) : [];
    const total = counts.reduce((sum, { rows }) => (typeof rows === 'bigint' ? sum + rows : sum), 0n);
    const learned = before ? '' : '; no earlier run to compare with';
    const finding = findingOf(
      [...found, ...compared],
      `${countOf(chosen.length, 'table')}, ${countOf(total, 'row')}${learned}`,
    );
    return { expected, ...finding, measured: toMeasured(counts) };
  },
});

/** A name requires that its table exists; a pattern only requires rows. */
function asksForNothing(count: number): DrillError {
  const message = `\`expectedEmpty\` allows each of the ${countOf(count, 'table')} to be empty, so the check could not fail`;
  return new DrillError('check-malformed', message, {
    hint: 'Leave the tables that hold rows out of `expectedEmpty`, set `maxDrop`, or name the tables that must exist.',
  });
}

function describe({ tables, maxDrop }: TablesCheck): string {
  const [first] = tables;
  const isSame = tables.every(({ minRows }) => minRows === first?.minRows);
  const rows = first && isSame ? `at least ${countOf(first.minRows, 'row')} in each table` : 'its rows in each table';
  return maxDrop === undefined ? rows : `${rows}, at most ${formatPercent(maxDrop)} fewer than in the last good run`;
}

function formatPercent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`;
}

/** @returns undefined when the table has enough rows. */
function explainCount({ name, minRows, rows }: TableCount): string | undefined {
  if (typeof rows === 'string') return `${name}: ${rows}`;
  if (rows >= BigInt(minRows)) return undefined;
  return rows === 0n
    ? `${name} is empty`
    : `${name} has ${countOf(rows, 'row')}, at least ${formatBig(minRows)} expected`;
}
