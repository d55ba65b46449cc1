import type { DigestRow, DigestTable } from '../../engines/fingerprint.ts';
import { addUp } from './digest-tables.ts';
import type { TableFingerprint } from './manifest.ts';

/** How a table in the restored copy differs from the source's. */
export type Difference =
  /** Only one side has the table. */
  | { readonly kind: 'missing'; readonly table: string; readonly rows: bigint }
  | { readonly kind: 'new'; readonly table: string }
  /** Rows cannot be compared. The texts say which columns differ: `email is missing`. */
  | { readonly kind: 'columns'; readonly table: string; readonly columns: readonly string[] }
  | {
      readonly kind: 'rows';
      readonly table: string;
      /** Number of the copy’s rows minus the source's. */
      readonly surplus: bigint;
      /** By column: number of values in the copy that are not NULL minus the source's, if both have the same number of rows. */
      readonly filled: ReadonlyMap<string, bigint>;
      readonly ranges: readonly RangeDifference[];
    };

/** A range of keys in which rows differ, both ends inclusive; undefined: unbounded on that side. */
export interface RangeDifference {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  readonly surplus: bigint;
}

/** Whether rows can be compared at all: both sides must have the same columns, in any order. */
export function compareColumns(source: TableFingerprint, copy: DigestTable): Difference | undefined {
  const ours = new Map(copy.columns.map(({ name, type }) => [name, type]));
  const theirs = new Map(source.columns);
  const columns = [
    ...source.columns.flatMap(([name, type]) => {
      const ourType = ours.get(name);
      if (ourType === undefined) return [`${name} is missing`];
      return ourType === type ? [] : [`${name} is ${ourType}, not ${type}`];
    }),
    ...copy.columns.flatMap(({ name }) => (theirs.has(name) ? [] : [`${name} is new`])),
  ];
  return columns.length === 0 ? undefined : { kind: 'columns', table: source.name, columns };
}

/** @param parts as returned by `digestLike`. @returns undefined when all rows are equal. */
export function compareRows(source: TableFingerprint, parts: readonly DigestRow[]): Difference | undefined {
  const copy = addUp(parts);
  if (copy.rows === source.rows && copy.hash === source.hash) return undefined;
  const surplus = BigInt(copy.rows) - BigInt(source.rows);
  return {
    kind: 'rows',
    table: source.name,
    surplus,
    filled: compareFilled(source, copy),
    ranges: compareBuckets(source, parts),
  };
}

/** Where rows are missing or added, so are their values, so columns add no information. */
function compareFilled(
  source: Pick<TableFingerprint, 'rows' | 'filled'>,
  copy: Pick<TableFingerprint, 'rows' | 'filled'>,
): ReadonlyMap<string, bigint> {
  if (source.rows !== copy.rows) return new Map();
  const differences = Object.entries(source.filled).map(
    ([column, count]) => [column, BigInt(copy.filled[column] ?? 0) - BigInt(count)] as const,
  );
  return new Map(differences.filter(([, difference]) => difference !== 0n));
}

/** Merges adjacent ranges. */
function compareBuckets({ key, buckets }: TableFingerprint, parts: readonly DigestRow[]): readonly RangeDifference[] {
  if (!key || !buckets) return [];
  const theirs = new Map(buckets.rows.map(([bucket, rows, hash]) => [bucket, { rows: BigInt(rows), hash }]));
  const ours = new Map(parts.map(({ bucket, rows, hash }) => [bucket, { rows, hash: hash.slice(0, 16) }]));
  const [from, width, end] = [BigInt(key.min), BigInt(buckets.width), buckets.count];
  const ranges: RangeDifference[] = [];
  for (let bucket = -1; bucket <= end; bucket += 1) {
    const [their, our] = [theirs.get(bucket), ours.get(bucket)];
    if (their?.rows === our?.rows && their?.hash === our?.hash) continue;
    const low = from + BigInt(bucket) * width;
    const range = {
      from: bucket < 0 ? undefined : low,
      to: bucket === end ? undefined : low + width - 1n,
      surplus: (our?.rows ?? 0n) - (their?.rows ?? 0n),
    };
    const last = ranges.at(-1);
    const joins = last?.to !== undefined && last.to + 1n === range.from;
    if (joins) ranges[ranges.length - 1] = { from: last.from, to: range.to, surplus: last.surplus + range.surplus };
    else ranges.push(range);
  }
  return ranges;
}
