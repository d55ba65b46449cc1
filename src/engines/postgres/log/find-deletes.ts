import type { ScannedTransaction } from './transaction-scanner.ts';

/** Transactions that delete fewer rows of a table are not batches: applications do that all day. */
export const MIN_BATCH_ROWS = 10;
/** Batches at most this far apart are counted together. */
const WINDOW_MS = 10 * 60_000;
/** The share of a table that counts as many rows: purging what is older than two weeks stays below it. */
const MIN_SHARE = 0.1;
/** … and the minimum number of rows. */
const MIN_SHARED_ROWS = 100;
/** Window in which slow deletions are searched for … */
const SLOW_WINDOW_MS = 12 * 60 * 60_000;
/** … and the share of the table that they must reach. Applications also delete that much in a day, but only of what they add: see {@link hasShrunk}. */
const MIN_SLOW_SHARE = 0.2;
const END_OF_LOG = 'FFFFFFFF/FFFFFFFF';
/** Number of rows that counts as many if the server has no statistics for the table. */
const MASS_DELETE_ROWS = 1000;
/** Without statistics it is unknown how busy the table is, so batches must be larger. */
const LARGE_BATCH_ROWS = 100;

/** Rows of one table that were deleted in one transaction, or in batches shortly after one another. */
export interface Deletion {
  readonly database: number;
  readonly filenode: number;
  readonly rows: number;
  /** How many rows the table had, according to the server's statistics; undefined if there were none. */
  readonly tableRows: number | undefined;
  readonly first: ScannedTransaction;
  readonly last: ScannedTransaction;
  /** Number of transactions. */
  readonly transactions: number;
}

export interface Deletions {
  /** In log order. */
  readonly mass: readonly Deletion[];
  /** The largest single deletion from each other table. */
  readonly smaller: readonly Deletion[];
}

interface Batch {
  readonly at: number;
  readonly rows: number;
  readonly transaction: ScannedTransaction;
}

/**
 * Finds deletions of many rows. Many means a tenth of the table and 100 rows; 1000 rows of a table without statistics; or the caller's number. They are counted
 * over ten minutes, so that a deletion in batches is a single one, which starts with its first batch. For a table without such a deletion, a fifth of it over
 * half a day counts if the server's statistics then show that the rows are gone.
 * @param minRows the caller's minimum; undefined for none.
 * @param tableRows how many rows a table had according to the server's statistics, at a position in the log.
 */
export function findDeletions(
  transactions: readonly ScannedTransaction[],
  minRows: number | undefined,
  tableRows: (database: number, filenode: number, lsn: string) => number | undefined,
): Deletions {
  const byFile = new Map<string, Batch[]>();
  for (const transaction of transactions) {
    for (const { database, filenode, rows } of transaction.deleted) {
      const key = `${database}/${filenode}`;
      const batches = byFile.get(key) ?? [];
      const at = transaction.committedAt?.getTime() ?? batches.at(-1)?.at ?? 0;
      const isBatch = rows >= batchRows(minRows, () => tableRows(database, filenode, transaction.commitLsn));
      if (isBatch) batches.push({ at, rows, transaction });
      byFile.set(key, batches);
    }
  }
  const found = [...byFile].map(([key, batches]) => {
    const [database = 0, filenode = 0] = key.split('/').map(Number);
    const sizeAt = ({ transaction }: Batch) => tableRows(database, filenode, transaction.commitLsn);
    const deletion = (from: number, to: number): Deletion[] => toDeletion(batches.slice(from, to + 1));
    const fast = findSeries(batches, (first) => neededRows(minRows, sizeAt(first)), WINDOW_MS);
    const series = fast.length > 0 || minRows !== undefined ? fast : findSlow();
    const mass = series.flatMap(([from, to]) => deletion(from, to));
    const largest = batches.reduce((best, { rows }, index) => (rows > (batches[best]?.rows ?? 0) ? index : best), 0);
    return { mass, smaller: mass.length > 0 ? [] : deletion(largest, largest) };

    function findSlow(): readonly Series[] {
      const needed = (first: Batch) =>
        Math.max(MIN_SHARED_ROWS, MIN_SLOW_SHARE * (sizeAt(first) || Number.POSITIVE_INFINITY));
      const slow = findSeries(batches, needed, SLOW_WINDOW_MS);
      return slow.filter(([from, to]) => {
        const [first, last] = [batches[from], batches[to]];
        if (!first || !last) return false;
        const after = [sizeAt(last), tableRows(database, filenode, END_OF_LOG)];
        const rows = batches.slice(from, to + 1).reduce((sum, batch) => sum + batch.rows, 0);
        return hasShrunk(sizeAt(first), after, rows);
      });
    }

    function toDeletion(series: readonly Batch[]): Deletion[] {
      const [first, last] = [series[0], series.at(-1)];
      if (!first || !last) return [];
      const rows = series.reduce((sum, batch) => sum + batch.rows, 0);
      const ends = { first: first.transaction, last: last.transaction };
      return [{ database, filenode, rows, tableRows: sizeAt(first), ...ends, transactions: series.length }];
    }
  });
  return {
    mass: found.flatMap(({ mass }) => mass).sort((a, b) => a.first.commitsBefore - b.first.commitsBefore),
    smaller: found.flatMap(({ smaller }) => smaller),
  };
}

/** Pure. @param tableRows undefined if unknown. Before version 14, a table that was never counted has 0. */
function neededRows(minRows: number | undefined, tableRows: number | undefined): number {
  if (minRows !== undefined) return minRows;
  return tableRows ? Math.max(MIN_SHARED_ROWS, MIN_SHARE * tableRows) : MASS_DELETE_ROWS;
}

/** Pure. @returns the minimum number of rows that a transaction must delete to count. */
function batchRows(minRows: number | undefined, tableRows: () => number | undefined): number {
  if (minRows !== undefined)
    return Math.max(Math.min(MIN_BATCH_ROWS, minRows), Math.min(LARGE_BATCH_ROWS, minRows / 10));
  return tableRows() ? MIN_BATCH_ROWS : LARGE_BATCH_ROWS;
}

/** Whether the statistics afterwards lack at least half of the deleted rows: rows added meanwhile make up for the others. */
function hasShrunk(before: number | undefined, after: readonly (number | undefined)[], deleted: number): boolean {
  return after.some((rows) => before !== undefined && rows !== undefined && before - rows >= deleted / 2);
}

/** First and last index. */
type Series = readonly [from: number, to: number];

/** @returns each series: windows with enough rows, with overlapping ones merged. */
function findSeries(batches: readonly Batch[], needed: (first: Batch) => number, windowMs: number): readonly Series[] {
  const found: [number, number][] = [];
  let from = 0;
  let rows = 0;
  for (const [to, batch] of batches.entries()) {
    rows += batch.rows;
    while (from < to && batch.at - (batches[from]?.at ?? 0) > windowMs) {
      rows -= batches[from]?.rows ?? 0;
      from += 1;
    }
    const start = batches[from];
    if (!start || rows < needed(start)) continue;
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else found.push([skipTrickle(batches, from, to, rows - needed(start)), to]);
  }
  return found;
}

/** Excludes an application's routine deletions shortly before: less than a hundredth of the batch that made it many, as long as the rest is enough. */
function skipTrickle(batches: readonly Batch[], from: number, to: number, spare: number): number {
  const most = (batches[to]?.rows ?? 0) / 100;
  let [index, left] = [from, spare];
  while (index < to && (batches[index]?.rows ?? 0) <= Math.min(most, left)) {
    left -= batches[index]?.rows ?? 0;
    index += 1;
  }
  return index;
}
