/** What either of the first two pages of a bbolt file records about the whole file. Source: bbolt's internal/common/meta.go and page.go. */
export interface BoltHeader {
  readonly pageSize: number;
  /** Number of pages in use, counted from the first. */
  readonly pages: number;
  /** Page on which the list of buckets starts. */
  readonly rootPage: number;
}

/** Pages have the page size of the machine that wrote the file. */
const PAGE_SIZES = [4096, 8192, 16_384, 32_768, 65_536];
const PAGE_HEADER_BYTES = 16;
const META_BYTES = 64;
const MAGIC = 0xed0c_daed;
const FORMAT_VERSION = 2;

/** Whether content starts like a bbolt file, damaged or not. */
export function isBolt(head: Buffer): boolean {
  return metaOffsets().some((offset) => hasMagic(head, offset));
}

/** @returns the header from the newer intact page of the two; undefined if neither is intact. */
export function readBoltHeader(head: Buffer): BoltHeader | undefined {
  let newest: { readonly transaction: bigint; readonly header: BoltHeader } | undefined;
  for (const offset of metaOffsets()) {
    const meta = head.subarray(offset + PAGE_HEADER_BYTES, offset + PAGE_HEADER_BYTES + META_BYTES);
    if (meta.length < META_BYTES || !hasMagic(head, offset) || checksumOf(meta) !== meta.readBigUInt64LE(56)) continue;
    const transaction = meta.readBigUInt64LE(48);
    if (newest && newest.transaction >= transaction) continue;
    const header = {
      pageSize: meta.readUInt32LE(8),
      pages: Number(meta.readBigUInt64LE(40)),
      rootPage: Number(meta.readBigUInt64LE(16)),
    };
    if (PAGE_SIZES.includes(header.pageSize)) newest = { transaction, header };
  }
  return newest?.header;
}

/** Page 0, and page 1 for each possible page size. */
function metaOffsets(): readonly number[] {
  return [0, ...PAGE_SIZES];
}

function hasMagic(head: Buffer, offset: number): boolean {
  if (head.length < offset + PAGE_HEADER_BYTES + 8) return false;
  const at = offset + PAGE_HEADER_BYTES;
  return head.readUInt32LE(at) === MAGIC && head.readUInt32LE(at + 4) === FORMAT_VERSION;
}

/** 64-bit FNV-1a. */
function checksumOf(meta: Buffer): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of meta.subarray(0, 56)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
  return hash;
}
