import type { Measured, PastCheck } from '../../../record/check-record.ts';
import type { TableNames } from '../../catalog/table-names.ts';
import { isPattern } from '../../catalog/table-names.ts';
import { countOf, formatBig } from '../../findings.ts';
import type { TableRule } from './choose-tables.ts';

/** A table's row count, or what is wrong with the table. */
export interface TableCount {
  readonly name: string;
  /** 0: the table may be empty. */
  readonly minRows: number;
  readonly rows: bigint | string;
}

interface EarlierCounts {
  readonly runId: string;
  readonly rows: ReadonlyMap<string, bigint>;
}

export function toMeasured(counts: readonly TableCount[]): Measured {
  const known = counts.flatMap(({ name, rows }) => (typeof rows === 'bigint' ? [[name, String(rows)]] : []));
  return { rows: known };
}

/** @returns undefined when that run did not count. */
export function readCounts({ runId, record }: PastCheck): EarlierCounts | undefined {
  const pairs = record.measured?.['rows'];
  if (!Array.isArray(pairs)) return undefined;
  return { runId, rows: new Map(pairs.map(([name, rows]) => [String(name), BigInt(String(rows))])) };
}

/** @returns a sentence for each table that lost too many rows, or that a pattern used to match and that is gone. */
export function compareWithBefore(
  counts: readonly TableCount[],
  { runId, rows: before }: EarlierCounts,
  {
    maxDrop,
    patterns,
    names,
  }: { readonly maxDrop: number; readonly patterns: readonly TableRule[]; readonly names: TableNames },
): readonly string[] {
  const lost = counts.flatMap(({ name, rows }) => {
    const earlier = before.get(name);
    if (earlier === undefined || typeof rows !== 'bigint' || isWithin(rows, earlier, maxDrop)) return [];
    const ratio = Number(((earlier - rows) * 1000n) / earlier) / 10;
    return `${name} has ${countOf(rows, 'row')}, ${ratio} % fewer than the ${formatBig(earlier)} in run ${runId}`;
  });
  const now = new Set(counts.map(({ name }) => name));
  const isCovered = (name: string) =>
    patterns.some(({ table }) => isPattern(table) && names.isMatch(table, { schema: '', name }));
  const gone = [...before].filter(
    ([name, rows]) => rows > 0n && !now.has(name) && isCovered(name) && !names.find(name),
  );
  return [...lost, ...gone.map(([name, rows]) => `${name} is missing; it had ${countOf(rows, 'row')} in run ${runId}`)];
}

/** Exact for any number of rows. */
function isWithin(rows: bigint, earlier: bigint, maxDrop: number): boolean {
  const parts = 1_000_000n;
  return rows * parts >= earlier * (parts - BigInt(Math.round(maxDrop * Number(parts))));
}
