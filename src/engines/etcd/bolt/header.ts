/** What one of the first two pages of a bbolt file says of the whole. Source: bbolt's internal/common/meta.go and page.go. */
export interface BoltHeader {
  readonly pageSize: number;
  /** How many pages are in use, from the first on. */
  readonly pages: number;
  /** Where the list of buckets begins. */
  readonly rootPage: number;
}

/** Pages have the size of the machine's, which wrote the file. */
const PAGE_SIZES = [4096, 8192, 16_384, 32_768, 65_536];
const PAGE_HEADER_BYTES = 16;
const META_BYTES = 64;
const MAGIC = 0xed0c_daed;
const FORMAT_VERSION = 2;

/** Whether content begins as a bbolt file does, damaged or not. */
export function isBolt(head: Buffer): boolean {
  return metaOffsets().some((offset) => hasMagic(head, offset));
}

/** @returns what the newer of the two pages says that is whole; undefined where none is. */
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

/** Page 0, and page 1 for each size of a page. */
function metaOffsets(): readonly number[] {
  return [0, ...PAGE_SIZES];
}

function hasMagic(head: Buffer, offset: number): boolean {
  if (head.length < offset + PAGE_HEADER_BYTES + 8) return false;
  const at = offset + PAGE_HEADER_BYTES;
  return head.readUInt32LE(at) === MAGIC && head.readUInt32LE(at + 4) === FORMAT_VERSION;
}

/** FNV-1a of 64 bits. */
function checksumOf(meta: Buffer): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of meta.subarray(0, 56)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
  return hash;
}
