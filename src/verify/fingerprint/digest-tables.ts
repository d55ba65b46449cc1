import type { Ask, DigestRow, DigestTable, KeyRange, TableHasher } from '../../engines/fingerprint.ts';
import type { TableFingerprint } from './manifest.ts';

/** Limits for one table, and for all tables together, so that a manifest stays at a few megabytes. */
const MAX_BUCKETS_OF_TABLE = 256;
const MAX_BUCKETS = 32_768;
/** Differences of keys must fit into 64 bits. */
const MAX_SPAN = 2n ** 62n;

export interface DigestOptions {
  readonly hasher: TableHasher;
  /** Each digests one table at a time. */
  readonly sessions: readonly Ask[];
  readonly onTable?: (table: DigestTable) => void;
}

/** Computes the fingerprint of each table, largest first, on as many sessions as there are. Throws what the queries throw. */
export async function fingerprintTables(
  tables: readonly DigestTable[],
  { hasher, sessions, onTable }: DigestOptions,
): Promise<readonly TableFingerprint[]> {
  const most = Math.min(MAX_BUCKETS_OF_TABLE, Math.floor(MAX_BUCKETS / Math.max(1, tables.length)));
  return forEachTable(tables, sessions, async (table, ask) => {
    onTable?.(table);
    const keys = await hasher.readKeys(ask, table);
    const range = keys && rangeOf(keys, most);
    return toFingerprint(table, await hasher.digest(ask, table, range), keys, range);
  });
}

/** Computes the same values for a restored table as its manifest has, over the same ranges of keys. */
export function digestLike(
  table: DigestTable,
  { key, buckets }: Pick<TableFingerprint, 'key' | 'buckets'>,
  hasher: TableHasher,
  ask: Ask,
): Promise<readonly DigestRow[]> {
  const isComparable = key !== undefined && key.column === table.integerKey?.name;
  const range = isComparable && buckets ? toRange(key, buckets) : undefined;
  return hasher.digest(ask, table, range);
}

/** Runs the work on the tables, largest first, one at a time per session. @returns the results in the tables' order. */
export async function forEachTable<T, R>(
  tables: readonly (T & { readonly bytes: number })[],
  sessions: readonly Ask[],
  work: (table: T, ask: Ask) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<T, R>();
  const queue = tables.toSorted((a, b) => b.bytes - a.bytes);
  const take = async (ask: Ask): Promise<void> => {
    for (let table = queue.shift(); table !== undefined; table = queue.shift()) {
      results.set(table, await work(table, ask));
    }
  };
  const done = await Promise.allSettled(sessions.map(take)); // a query still in progress would outlive its session
  for (const result of done) if (result.status === 'rejected') throw result.reason;
  return tables.flatMap((table) => results.get(table) ?? []);
}

function rangeOf({ min, max }: { min: bigint; max: bigint }, most: number): KeyRange | undefined {
  const span = max - min + 1n;
  if (most < 2 || span < 2n || span > MAX_SPAN) return undefined;
  const width = (span + BigInt(most) - 1n) / BigInt(most);
  return { from: min, width, count: Number((span + width - 1n) / width) };
}

function toRange(key: { readonly min: string }, { width, count }: { width: string; count: number }): KeyRange {
  return { from: BigInt(key.min), width: BigInt(width), count };
}

function toFingerprint(
  { name, columns, integerKey }: DigestTable,
  parts: readonly DigestRow[],
  keys: { min: bigint; max: bigint } | undefined,
  range: KeyRange | undefined,
): TableFingerprint {
  const total = addUp(parts);
  return {
    name,
    columns: columns.map((column) => [column.name, column.type]),
    ...total,
    ...(integerKey && keys ? { key: { column: integerKey.name, min: String(keys.min), max: String(keys.max) } } : {}),
    ...(range
      ? {
          buckets: {
            width: String(range.width),
            count: range.count,
            rows: parts
              .toSorted((a, b) => a.bucket - b.bucket)
              .map(({ bucket, rows, hash }): [number, string, string] => [bucket, String(rows), hash.slice(0, 16)]),
          },
        }
      : {}),
  };
}

/** Adds up the parts of one table. */
export function addUp(parts: readonly DigestRow[]): Pick<TableFingerprint, 'rows' | 'hash' | 'filled'> {
  let rows = 0n;
  const sums: bigint[] = [];
  const filled: Record<string, bigint> = {};
  for (const part of parts) {
    rows += part.rows;
    for (const [index, half] of (part.hash.match(/.{16}/g) ?? []).entries()) {
      sums[index] = BigInt.asUintN(64, (sums[index] ?? 0n) + BigInt(`0x${half}`));
    }
    for (const [column, count] of Object.entries(part.filled)) filled[column] = (filled[column] ?? 0n) + count;
  }
  const hash = sums.map((sum) => sum.toString(16).padStart(16, '0')).join('');
  return {
    rows: String(rows),
    hash: hash === '' ? EMPTY_HASH : hash,
    filled: Object.fromEntries(Object.entries(filled).map(([column, count]) => [column, String(count)])),
  };
}

/** The hash of a table without rows. */
const EMPTY_HASH = '0'.repeat(16);
