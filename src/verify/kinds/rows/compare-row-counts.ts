import type { PastCheck } from '../../../record/check-record.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { type ChangeRange, formatChange } from '../../change-range.ts';
import type { Evaluation } from '../../check-kind.ts';
import { countOf } from '../../findings.ts';
import { judgeChange, type PastValue } from '../../judge-change.ts';
import type { RowCounts } from './count-tables.ts';

/** Changes that are never judged: a row of settings, a table that begins to fill. */
const SLACK = { down: 10, up: 1000 };

interface Bounds {
  readonly rows: ChangeRange;
  readonly sinceMs: number;
}

/** Compares the rows of each table with those of the last good runs, newest backup first. Pure. */
export function compareRowCounts(
  { rows, damaged }: RowCounts,
  past: readonly PastCheck[],
  bounds: Bounds,
): Omit<Evaluation, 'expected'> {
  const history = past.flatMap(readPast);
  const [newest] = history;
  const measured = { rows: Object.fromEntries(rows) };
  if (rows.size === 0 && damaged.length === 0) return { passed: false, actual: 'no table', measured };
  const unreadable = damaged.map(({ table, reason }) => toPrintable(`${table}: ${reason}`, 300));
  const lines = [...unreadable, ...findWrong(rows, history, new Set(damaged.map(({ table }) => table)), bounds)];
  if (lines.length > 0) {
    const [first = ''] = lines;
    const more = lines.length > 1 ? ` (and ${formatCount(lines.length - 1)} more)` : '';
    return { passed: false, actual: `${first}${more}`, details: lines.length > 1 ? lines : [], measured };
  }
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const found = `${countOf(total, 'row')} in ${countOf(rows.size, 'table')}`;
  if (!newest) return { passed: true, actual: `learned ${found}: there is no good run to compare with`, measured };
  const added = [...rows.keys()].filter((table) => !newest.rows.has(table)).length;
  return { passed: true, actual: `${found}${added > 0 ? `, ${formatCount(added)} new` : ''}`, measured };
}

interface PastCounts {
  readonly takenAt: Date;
  readonly rows: ReadonlyMap<string, number>;
}

/** Only tables of the newest good run: those that only older runs had were dropped with consent. */
function findWrong(
  rows: ReadonlyMap<string, number>,
  history: readonly PastCounts[],
  damaged: ReadonlySet<string>,
  { rows: range, sinceMs }: Bounds,
): readonly string[] {
  const [newest] = history;
  return [...(newest?.rows ?? [])].flatMap(([table, before]) => {
    if (damaged.has(table)) return [];
    const now = rows.get(table);
    const had = `${toPrintable(table)} had ${countOf(before, 'row')}`;
    if (now === undefined) return before === 0 ? [] : [`${had}, and is gone`];
    const values = history.flatMap(({ takenAt, rows: then }): readonly PastValue[] => {
      const value = then.get(table);
      return value === undefined ? [] : [{ takenAt, value }];
    });
    const finding = judgeChange(now, values, range, { sinceMs, slack: SLACK });
    if (!finding || finding.isWithin) return [];
    return [`${had}, now ${formatCount(now)} (${formatChange(before, now)})`];
  });
}

function readPast({ takenAt, record }: PastCheck): readonly PastCounts[] {
  const rows = record.measured?.['rows'];
  if (typeof rows !== 'object' || rows === null) return []; // a check of another kind had this name
  const counts = Object.entries(rows).flatMap(([table, count]): readonly (readonly [string, number])[] =>
    typeof count === 'number' ? [[table, count]] : [],
  );
  return [{ takenAt, rows: new Map(counts) }];
}
