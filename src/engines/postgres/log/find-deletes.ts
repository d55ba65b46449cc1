import type { ScannedTransaction } from './transaction-scanner.ts';

/** Transactions that delete fewer rows of a table are no batches: an application works like that all day. */
export const MIN_BATCH_ROWS = 10;
/** Batches that lie no further apart are taken together. */
const WINDOW_MS = 10 * 60_000;
/** So much of a table is many rows: a purge of what is older than two weeks stays below it. */
const MIN_SHARE = 0.1;
/** … and so many rows at least. */
const MIN_SHARED_ROWS = 100;
/** Slow deletions are looked for over so long … */
const SLOW_WINDOW_MS = 12 * 60 * 60_000;
/** … and have to be so much of the table. Applications delete that much in a day, too, but of what they add: see {@link hasShrunk}. */
const MIN_SLOW_SHARE = 0.2;
const END_OF_LOG = 'FFFFFFFF/FFFFFFFF';
/** So many rows are many where the server has no statistics of the table. */
const MASS_DELETE_ROWS = 1000;
/** Nothing tells then how busy the table is, so batches have to be larger. */
const LARGE_BATCH_ROWS = 100;

/** Rows of one table that were deleted in one transaction, or in batches soon after each other. */
export interface Deletion {
  readonly database: number;
  readonly filenode: number;
  readonly rows: number;
  /** How many rows the table had by the server's statistics; undefined: it had none. */
  readonly tableRows: number | undefined;
  readonly first: ScannedTransaction;
  readonly last: ScannedTransaction;
  /** How many transactions. */
  readonly transactions: number;
}

export interface Deletions {
  /** In the order of the log. */
  readonly mass: readonly Deletion[];
  /** The largest single one of each other table. */
  readonly smaller: readonly Deletion[];
}

interface Batch {
  readonly at: number;
  readonly rows: number;
  readonly transaction: ScannedTransaction;
}

/**
 * Finds deletions of many rows. Many is a tenth of the table, and 100 rows; 1000 rows of a table without statistics; or what the reader says. They are
 * counted over ten minutes, so that a deletion in batches is one, which begins with its first. Of a table without such a deletion, a fifth of it over half a day
 * is one where the server's statistics then say that the rows are gone.
 * @param minRows what the reader says; undefined: nothing.
 * @param tableRows how many rows a table had by the server's statistics, at a position in the log.
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

/** Pure. @param tableRows undefined: not known. 0 is what a table has that was never counted, before version 14. */
function neededRows(minRows: number | undefined, tableRows: number | undefined): number {
  if (minRows !== undefined) return minRows;
  return tableRows ? Math.max(MIN_SHARED_ROWS, MIN_SHARE * tableRows) : MASS_DELETE_ROWS;
}

/** Pure. @returns how many rows a transaction deletes at least to count. */
function batchRows(minRows: number | undefined, tableRows: () => number | undefined): number {
  if (minRows !== undefined)
    return Math.max(Math.min(MIN_BATCH_ROWS, minRows), Math.min(LARGE_BATCH_ROWS, minRows / 10));
  return tableRows() ? MIN_BATCH_ROWS : LARGE_BATCH_ROWS;
}

/** Whether the statistics afterwards lack half of the deleted rows at least: rows that were added meanwhile take the place of the others. */
function hasShrunk(before: number | undefined, after: readonly (number | undefined)[], deleted: number): boolean {
  return after.some((rows) => before !== undefined && rows !== undefined && before - rows >= deleted / 2);
}

/** The first and the last index. */
type Series = readonly [from: number, to: number];

/** @returns each series: windows with enough rows, those that overlap as one. */
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

/** What an application deleted shortly before is no part of it: less than a hundredth of the batch that made it many, as far as the rest is enough. */
function skipTrickle(batches: readonly Batch[], from: number, to: number, spare: number): number {
  const most = (batches[to]?.rows ?? 0) / 100;
  let [index, left] = [from, spare];
  while (index < to && (batches[index]?.rows ?? 0) <= Math.min(most, left)) {
    left -= batches[index]?.rows ?? 0;
    index += 1;
  }
  return index;
}
