/** Source of the layout: bbolt's internal/common/page.go. */
const HEADER_BYTES = 16;
const ELEMENT_BYTES = 16;
const BRANCH = 0x01;
const LEAF = 0x02;
const BUCKET = 0x01;

export interface PageHeader {
  readonly kind: 'branch' | 'leaf';
  /** How many pages, in a row, it takes. */
  readonly span: number;
}

/** @returns undefined for a page of another kind, and for one that does not say that it is at this place: it holds bytes of a page before it. */
export function readPageHeader(page: Buffer, id: number): PageHeader | undefined {
  if (page.length < HEADER_BYTES || page.readBigUInt64LE(0) !== BigInt(id)) return undefined;
  const flags = page.readUInt16LE(8);
  if (flags !== BRANCH && flags !== LEAF) return undefined;
  return { kind: flags === BRANCH ? 'branch' : 'leaf', span: page.readUInt32LE(12) + 1 };
}

/** @returns the pages below a branch, in the order of their keys; undefined for a page that is damaged. */
export function readBranch(page: Buffer): readonly number[] | undefined {
  const count = page.readUInt16LE(10);
  if (HEADER_BYTES + count * ELEMENT_BYTES > page.length) return undefined;
  return Array.from({ length: count }, (_, index) =>
    Number(page.readBigUInt64LE(HEADER_BYTES + index * ELEMENT_BYTES + 8)),
  );
}

export interface LeafElement {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Whether the value is a bucket, not data. */
  readonly isBucket: boolean;
}

/**
 * @returns the elements in the order of their keys, as parts of the page; undefined for a page that is damaged. bbolt writes them one behind the other:
 * where they share bytes, a small page would take as long to read as a large file.
 */
export function readLeaf(page: Buffer): readonly LeafElement[] | undefined {
  if (page.length < HEADER_BYTES) return undefined;
  const count = page.readUInt16LE(10);
  if (HEADER_BYTES + count * ELEMENT_BYTES > page.length) return undefined;
  const elements: LeafElement[] = [];
  let free = HEADER_BYTES + count * ELEMENT_BYTES;
  for (let at = HEADER_BYTES; elements.length < count; at += ELEMENT_BYTES) {
    const start = at + page.readUInt32LE(at + 4);
    const middle = start + page.readUInt32LE(at + 8);
    const end = middle + page.readUInt32LE(at + 12);
    if (start < free || end > page.length) return undefined;
    free = end;
    const isBucket = page.readUInt32LE(at) === BUCKET;
    elements.push({ key: page.subarray(start, middle), value: page.subarray(middle, end), isBucket });
  }
  return elements;
}

/** A bucket is a root page, or, when it is small, a leaf within the value. @returns undefined for a value that is damaged. */
export function readBucket(value: Buffer): { readonly root: number } | { readonly inline: Buffer } | undefined {
  if (value.length < HEADER_BYTES) return undefined;
  const root = Number(value.readBigUInt64LE(0));
  return root === 0 ? { inline: value.subarray(HEADER_BYTES) } : { root };
}
