import { FORGOTTEN_SHARE, type KeptMeant } from './kept-newest.ts';
import type { LoggedTable } from './token-reader.ts';
import type { ChangedRows } from './transaction.ts';

/** Transactions that delete fewer rows of a table are not batches: an application does that all day. */
export const MIN_BATCH_ROWS = 10;
/** In microseconds: rows that are deleted within this time are counted together. */
const WINDOW_MICROS = 10 * 60_000_000;
/** Maximum number of transactions retained per window: they delete more rows than are needed. */
const MAX_IN_WINDOW = 10_000;
/** Maximum number of batches in all windows together: beyond it, the table with the least recent deletion is dropped. */
const KEPT_BATCHES = 100_000;

/** Rows of one table that were deleted in one transaction, or in batches in quick succession. */
export interface Deletion<Facts> {
  readonly database: string;
  readonly table: string;
  rows: number;
  /** Number of transactions. */
  transactions: number;
  /** Facts of the first transaction. */
  readonly facts: Facts;
}

interface Batch<Facts> {
  readonly atMicros: number;
  readonly rows: number;
  readonly facts: Facts;
}

interface Window<Facts> {
  batches: Batch<Facts>[];
  /** Index of the first batch that is inside the window. */
  from: number;
  rows: number;
  /** The deletion that the last batches belong to, the time of its last batch, and the rows and batches since then. */
  open:
    | { readonly deletion: Deletion<Facts>; untilMicros: number; rowsSince: number; batchesSince: number }
    | undefined;
}

/** Finds deletions of many rows of a table. Rows are counted over ten minutes, so that a deletion in batches is found, along with its first batch. */
export class DeletionFinder<Facts> {
  readonly #manyOf: (table: LoggedTable) => number;
  readonly #windows = new Map<string, Window<Facts>>();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #held = 0;
  readonly found: KeptMeant<Deletion<Facts>>;

  /**
   * @param manyOf how many rows of a table count as many, at the current point of the log.
   * @param found collects what is found, in no particular order.
   */
  constructor(manyOf: (table: LoggedTable) => number, found: KeptMeant<Deletion<Facts>>) {
    this.#manyOf = manyOf;
    this.found = found;
  }

  /** @param facts of the transaction. */
  take({ database, table, rows }: ChangedRows, atMicros: number, facts: Facts): void {
    const many = this.#manyOf({ database, table });
    if (rows < Math.min(MIN_BATCH_ROWS, many)) return;
    this.#sweep(atMicros);
    const key = JSON.stringify([database, table]);
    const window = this.#windows.get(key) ?? { batches: [], from: 0, rows: 0, open: undefined };
    const before = window.batches.length;
    slide(window, atMicros);
    window.batches.push({ atMicros, rows, facts });
    window.rows += rows;
    this.#held += window.batches.length - before;
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#held > KEPT_BATCHES) this.#forgetOldest();
    if (window.open && atMicros - window.open.untilMicros > WINDOW_MICROS) window.open = undefined;
    if (window.open) {
      window.open.rowsSince += rows;
      window.open.batchesSince += 1;
    }
    if (window.rows < many) return;
    if (window.open) extend(window.open, atMicros);
    else window.open = this.#start(window, { database, table, many }, atMicros);
  }

  /** Number of retained transactions. */
  get size(): number {
    return this.#held;
  }

  /** Drops several at once, because finding the first entry of a map is slow after its first entries were removed. */
  #forgetOldest(): void {
    for (const [key] of this.#windows) {
      if (this.#held <= KEPT_BATCHES * (1 - FORGOTTEN_SHARE)) return;
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#held -= this.#windows.get(key)?.batches.length ?? 0;
    this.#windows.delete(key);
  }

  /** Drops tables without recent deletions, however many there are. */
  #sweep(atMicros: number): void {
    if (Math.abs(atMicros - this.#sweptAt) < WINDOW_MICROS) return;
    this.#sweptAt = atMicros;
    for (const [key, { batches }] of this.#windows) {
      const last = batches.at(-1)?.atMicros ?? atMicros;
      if (atMicros - last > WINDOW_MICROS) this.#forget(key);
    }
  }

  #start(
    { batches, from, rows }: Window<Facts>,
    { many, ...of }: LoggedTable & { readonly many: number },
    untilMicros: number,
  ): Window<Facts>['open'] {
    const series = withoutTrickle(batches.slice(from), rows - many);
    const [first] = series;
    if (!first) return undefined;
    const sum = series.reduce((total, batch) => total + batch.rows, 0);
    const deletion = { ...of, rows: sum, transactions: series.length, facts: first.facts };
    this.found.add(deletion);
    return { deletion, untilMicros, rowsSince: 0, batchesSince: 0 };
  }
}

function slide<Facts>(window: Window<Facts>, atMicros: number): void {
  const { batches } = window;
  for (let first = batches[window.from]; first; first = batches[window.from]) {
    const isOld = atMicros - first.atMicros > WINDOW_MICROS;
    if (!isOld && batches.length - window.from < MAX_IN_WINDOW) break;
    window.rows -= first.rows;
    window.from += 1;
  }
  if (window.from < MAX_IN_WINDOW) return;
  window.batches = batches.slice(window.from);
  window.from = 0;
}

function extend<Facts>(open: NonNullable<Window<Facts>['open']>, atMicros: number): void {
  open.deletion.rows += open.rowsSince;
  open.deletion.transactions += open.batchesSince;
  open.rowsSince = 0;
  open.batchesSince = 0;
  open.untilMicros = atMicros;
}

/**
 * Excludes deletions shortly before that belong to the application's normal work: less than a hundredth of the last batch, as long as the rest still counts as
 * many.
 */
function withoutTrickle<Facts>(batches: readonly Batch<Facts>[], spare: number): readonly Batch<Facts>[] {
  const most = (batches.at(-1)?.rows ?? 0) / 100;
  let [index, left] = [0, spare];
  while (index < batches.length - 1 && (batches[index]?.rows ?? 0) <= Math.min(most, left)) {
    left -= batches[index]?.rows ?? 0;
    index += 1;
  }
  return batches.slice(index);
}
