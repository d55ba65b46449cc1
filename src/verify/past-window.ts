import type { MeasuredValue, PastCheck } from '../record/check-record.ts';
import { PastValues } from './judge-change.ts';

/** Enough for hourly backups over three weeks. */
const MAX_RUNS = 500;

/** Measurements of the good runs by name, such as the rows of each table. */
export interface PastWindow {
  /** By name; only for names that the newest run has. */
  readonly values: ReadonlyMap<string, PastValues>;
}

/**
 * Reads the good runs whose backups were taken within `sinceMs` before the newest one. Only one run is in memory at a time, and nothing older is read.
 * @param history newest backup first
 * @param measure returns the numbers of one run, by name; undefined: it measured none
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

/** @returns undefined when the value is not a mapping; values that are not numbers are left out. */
export function readNumbers(value: MeasuredValue | undefined): ReadonlyMap<string, number> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(
    Object.entries(value).flatMap(([name, number]): readonly (readonly [string, number])[] =>
      typeof number === 'number' ? [[name, number]] : [],
    ),
  );
}
