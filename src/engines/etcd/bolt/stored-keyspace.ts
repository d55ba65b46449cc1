import { combineCrc32c, crc32c } from '../../../support/crc32c.ts';
import { toPrintable } from '../../../support/printable.ts';
import { type LeafElement, readBucket, readLeaf } from './page.ts';
import type { PageReader, RevisionRange } from './page-reader.ts';

/** The stored contents of a snapshot: what a server restored from it must answer. */
export interface StoredKeyspace {
  readonly revision: number;
  /** Number of keys that exist at this revision. */
  readonly keys: number;
  /** What etcd's `endpoint hashkv` returns for this revision; undefined if the server is in the middle of a compaction, on whose progress the hash depends. */
  readonly hash: number | undefined;
  /** The lowest version among the cluster's servers: `3.5`. */
  readonly clusterVersion: string | undefined;
}

/** @returns undefined if the file has more than can be kept, or pages that are not where its trees point. */
export function readStoredKeyspace(pages: PageReader, rootPage: number): StoredKeyspace | undefined {
  const buckets = new Map<string, Buffer>();
  for (const id of leafIds(pages, rootPage) ?? []) {
    const leaf = pages.leaf(id);
    for (const { key, value, isBucket } of (leaf && readLeaf(leaf)) ?? []) {
      if (isBucket) buckets.set(key.toString('latin1'), value);
    }
  }
  const ranges = rangesOf(pages, buckets.get('key'));
  if (!ranges || pages.isOver) return undefined;
  const meta = smallBucket(buckets.get('meta'));
  const compacted = revisionIn(meta.get('finishedCompactRev'));
  const scheduled = revisionIn(meta.get('scheduledCompactRev'));
  const counted = count(pages, ranges, compacted);
  if (!counted) return undefined;
  const version = smallBucket(buckets.get('cluster')).get('clusterVersion')?.toString('latin1');
  return {
    // the last compaction may have removed the newest revision
    revision: Math.max(counted.newest, compacted, 1),
    keys: counted.keys,
    hash: scheduled > compacted ? undefined : counted.hash,
    clusterVersion: version === undefined ? undefined : /^\d+\.\d+/.exec(toPrintable(version, 20))?.[0],
  };
}

/** @returns the leaves below a page in key order; undefined if two branches share a page, or one is its own descendant: that is not a tree. */
function leafIds(pages: PageReader, root: number): readonly number[] | undefined {
  const seen = new Set<number>();
  const leaves: number[] = [];
  const waiting = [root];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) return undefined;
    seen.add(id);
    const children = pages.branch(id);
    if (children) waiting.push(...children.toReversed());
    else leaves.push(id);
  }
  return leaves;
}

function rangesOf(pages: PageReader, value: Buffer | undefined): readonly RevisionRange[] | undefined {
  const bucket = value && readBucket(value);
  if (!bucket) return undefined;
  if ('inline' in bucket) {
    const elements = readLeaf(bucket.inline);
    const first = pages.revisions.count;
    if (!elements || (elements.length > 0 && !pages.revisions.add(elements))) return undefined;
    return [{ first, count: elements.length }];
  }
  const leaves = leafIds(pages, bucket.root);
  if (!leaves) return undefined;
  const ranges: RevisionRange[] = [];
  for (const id of leaves) {
    const range = pages.range(id);
    if (!range) return undefined;
    ranges.push(range);
  }
  return ranges;
}

/** Contents of a bucket small enough to be stored inline in its entry, as those for settings are. */
function smallBucket(value: Buffer | undefined): ReadonlyMap<string, Buffer> {
  const bucket = value && readBucket(value);
  const elements: readonly LeafElement[] = (bucket && 'inline' in bucket && readLeaf(bucket.inline)) || [];
  return new Map(elements.map(({ key, value }) => [key.toString('latin1'), value]));
}

function revisionIn(value: Buffer | undefined): number {
  return value && value.length >= 8 ? Number(value.readBigUInt64BE(0)) : 0;
}

/**
 * Computes the server's hash: of the revisions up to the last compaction, it includes only the newest of each key that still exists.
 * Source: etcd's server/storage/mvcc/hash.go and key_index.go (`keep`).
 */
function count(pages: PageReader, ranges: readonly RevisionRange[], compacted: number) {
  const { crc, bytes, hash, otherHash, main, isDeletion } = pages.revisions;
  const newestOf = new Map<number, number>();
  for (const index of indexesIn(ranges)) {
    const other = otherHash[index] ?? 0;
    const name = (hash[index] ?? 0) * 2 ** 21 + (other >>> 11);
    const before = newestOf.get(name);
    if (before !== undefined && otherHash[before] !== other) return undefined; // hash collision of two keys
    newestOf.set(name, index);
  }
  const alive = new Uint8Array(pages.revisions.count);
  let keys = 0;
  for (const index of newestOf.values()) {
    if (isDeletion[index] === 1) continue;
    alive[index] = 1;
    keys += 1;
  }
  let newest = 0;
  let sum = crc32c(Buffer.from('key'));
  for (const index of indexesIn(ranges)) {
    const revision = main[index] ?? 0;
    newest = Math.max(newest, revision);
    if (revision <= compacted && keys > 0 && alive[index] === 0) continue;
    sum = combineCrc32c(sum, crc[index] ?? 0, bytes[index] ?? 0);
  }
  return { keys, newest, hash: sum };
}

function* indexesIn(ranges: readonly RevisionRange[]): Generator<number> {
  for (const { first, count } of ranges) for (let index = first; index < first + count; index += 1) yield index;
}
