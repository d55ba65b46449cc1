import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { type ChangeRange, formatChange } from '../../change-range.ts';
import type { Evaluation } from '../../check-kind.ts';
import { countOf } from '../../findings.ts';
import { judgeChange } from '../../judge-change.ts';
import type { PastWindow } from '../../past-window.ts';
import type { RowCounts } from './count-tables.ts';

/** Changes that are never judged: a row in a settings table, a table that is starting to fill. */
const SLACK = { down: 10, up: 1000 };

/** Compares the row counts of each table with those of the last good runs. Pure. */
export function compareRowCounts(
  { rows, damaged }: RowCounts,
  past: PastWindow | undefined,
  range: ChangeRange,
): Omit<Evaluation, 'expected'> {
  const measured = { rows: Object.fromEntries(rows) };
  if (rows.size === 0 && damaged.length === 0) return { passed: false, actual: 'no table', measured };
  const unreadable = damaged.map(({ table, reason }) => toPrintable(`${table}: ${reason}`, 300));
  const lines = [...unreadable, ...findWrong(rows, past?.values, new Set(damaged.map(({ table }) => table)), range)];
  if (lines.length > 0) {
    const [first = ''] = lines;
    const more = lines.length > 1 ? ` (and ${formatCount(lines.length - 1)} more)` : '';
    return { passed: false, actual: `${first}${more}`, details: lines.length > 1 ? lines : [], measured };
  }
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const found = `${countOf(total, 'row')} in ${countOf(rows.size, 'table')}`;
  if (!past) return { passed: true, actual: `learned ${found}: there is no good run to compare with`, measured };
  const added = [...rows.keys()].filter((table) => !past.values.has(table)).length;
  return { passed: true, actual: `${found}${added > 0 ? `, ${formatCount(added)} new` : ''}`, measured };
}

/** Only tables of the newest good run: tables that only older runs had were dropped intentionally. */
function findWrong(
  rows: ReadonlyMap<string, number>,
  past: PastWindow['values'] = new Map(),
  damaged: ReadonlySet<string>,
  range: ChangeRange,
): readonly string[] {
  return [...past].flatMap(([table, values]) => {
    if (damaged.has(table)) return [];
    const now = rows.get(table);
    const before = values.newest;
    const had = `${toPrintable(table)} had ${countOf(before, 'row')}`;
    if (now === undefined) return before === 0 ? [] : [`${had}, and is gone`];
    const finding = judgeChange(now, values, range, SLACK);
    if (!finding || finding.isWithin) return [];
    return [`${had}, now ${formatCount(now)} (${formatChange(before, now)})`];
  });
}
