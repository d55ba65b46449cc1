import { readBoltHeader } from './header.ts';
import { readLeaf, readPageHeader } from './page.ts';

/** Buckets that every version of etcd has: its keys, and how far they were compacted. */
const OWN = ['key', 'meta'];

/**
 * The buckets of a bbolt file, which identify its program: many keep their data in one.
 * @param head the beginning of the file. @returns undefined if the list is not in it, is damaged, or takes more than a page.
 */
export function bucketNamesIn(head: Buffer): readonly string[] | undefined {
  const header = readBoltHeader(head);
  if (!header) return undefined;
  const start = header.rootPage * header.pageSize;
  const page = head.subarray(start, start + header.pageSize);
  const found = page.length === header.pageSize ? readPageHeader(page, header.rootPage) : undefined;
  return found?.kind === 'leaf' && found.span === 1 ? bucketNamesOf(page) : undefined;
}

/** @param leaf the list of buckets. @returns undefined if it is damaged. */
export function bucketNamesOf(leaf: Buffer): readonly string[] | undefined {
  return readLeaf(leaf)?.flatMap(({ key, isBucket }) => (isBucket ? [key.toString('latin1')] : []));
}

export function areOfEtcd(names: readonly string[]): boolean {
  return OWN.every((name) => names.includes(name));
}
