/** Source of the layout: bbolt's internal/common/page.go. */
const HEADER_BYTES = 16;
const ELEMENT_BYTES = 16;
const BRANCH = 0x01;
const LEAF = 0x02;
const BUCKET = 0x01;

export interface PageHeader {
  readonly kind: 'branch' | 'leaf';
  /** Number of consecutive pages that it takes. */
  readonly span: number;
}

/** @returns undefined for a page of another kind, and for one whose header has another page number: it holds bytes that continue an earlier page. */
export function readPageHeader(page: Buffer, id: number): PageHeader | undefined {
  if (page.length < HEADER_BYTES || page.readBigUInt64LE(0) !== BigInt(id)) return undefined;
  const flags = page.readUInt16LE(8);
  if (flags !== BRANCH && flags !== LEAF) return undefined;
  return { kind: flags === BRANCH ? 'branch' : 'leaf', span: page.readUInt32LE(12) + 1 };
}

/** @returns the pages below a branch, in key order; undefined for a damaged page. */
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
  /** Whether the value is a bucket rather than data. */
  readonly isBucket: boolean;
}

/**
 * @returns the elements in key order, as slices of the page; undefined for a damaged page. bbolt writes them one after another; if they could overlap, a small
 * page would take as long to read as a large file.
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

/** A bucket is a root page or, if small, a leaf inside the value. @returns undefined for a damaged value. */
export function readBucket(value: Buffer): { readonly root: number } | { readonly inline: Buffer } | undefined {
  if (value.length < HEADER_BYTES) return undefined;
  const root = Number(value.readBigUInt64LE(0));
  return root === 0 ? { inline: value.subarray(HEADER_BYTES) } : { root };
}
