import type { MeasuredValue, PastCheck } from '../record/check-record.ts';
import { PastValues } from './judge-change.ts';

/** Hourly backups of three weeks. */
const MAX_RUNS = 500;

/** What the good runs have measured under names, such as the rows of each table. */
export interface PastWindow {
  /** By name; only of names that the newest of them has. */
  readonly values: ReadonlyMap<string, PastValues>;
}

/**
 * Reads the good runs whose backups were taken within `sinceMs` before the newest of them. One run is held in memory at a time, and nothing older is read.
 * @param history newest backup first
 * @param measure the numbers of one run, by name; undefined: it measured none
 * @returns undefined without a good run.
 */
export async function readPastWindow(
  history: AsyncIterable<PastCheck>,
  sinceMs: number,
  measure: (record: PastCheck['record']) => ReadonlyMap<string, number> | undefined,
): Promise<PastWindow | undefined> {
  let values: Map<string, PastValues> | undefined;
  let fromMs = Number.NEGATIVE_INFINITY;
  let runs = 0;
  for await (const { takenAt, record } of history) {
    if (takenAt.getTime() < fromMs || runs >= MAX_RUNS) break;
    const measured = measure(record);
    if (!measured) continue;
    runs += 1;
    if (!values) {
      fromMs = takenAt.getTime() - sinceMs;
      values = new Map([...measured].map(([name, value]) => [name, new PastValues(value)]));
      continue;
    }
    for (const [name, past] of values) {
      const value = measured.get(name);
      if (value !== undefined) past.addOlder(value);
    }
  }
  return values && { values };
}

/** @returns undefined when the value is no mapping; what is not a number is left out. */
export function readNumbers(value: MeasuredValue | undefined): ReadonlyMap<string, number> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(
    Object.entries(value).flatMap(([name, number]): readonly (readonly [string, number])[] =>
      typeof number === 'number' ? [[name, number]] : [],
    ),
  );
}
