/** A page of a table. Source: PostgreSQL's src/include/storage/bufpage.h, itemid.h and access/htup_details.h. */

export const PAGE_BYTES = 8192;
/** HeapTupleHeaderData without its bitmap. */
export const ROW_HEADER_BYTES = 23;
const POINTERS_AT = 24;
const LP_NORMAL = 1;

/**
 * Calls back with each row's offset number in the page, its columns' bytes, and the offset number of the row that replaced it: its own if none did. Skips
 * anything that is not a row: a page from a running server's backup may be torn.
 */
export function eachRow(page: Buffer, onRow: (offset: number, body: Buffer, next: number) => void): void {
  if (page.length < PAGE_BYTES) return;
  const lower = Math.min(page.readUInt16LE(12), PAGE_BYTES);
  for (let pointer = POINTERS_AT; pointer + 4 <= lower; pointer += 4) {
    const item = page.readUInt32LE(pointer);
    const [at, flags, length] = [item & 0x7fff, (item >>> 15) & 3, item >>> 17];
    if (flags !== LP_NORMAL || at < POINTERS_AT || at + length > PAGE_BYTES || length < ROW_HEADER_BYTES) continue;
    const body = page.subarray(at + (page[at + 22] ?? 0), at + length);
    onRow((pointer - POINTERS_AT) / 4 + 1, body, page.readUInt16LE(at + 16));
  }
}

/** A name in a catalog: 64 bytes, zero-padded. @returns undefined for bytes that are not a name. */
export function readName(body: Buffer, at: number): string | undefined {
  if (body.length < at + 64) return undefined;
  const name = body.toString('utf8', at, at + 64).split('\0', 1)[0] ?? '';
  return name === '' ? undefined : name;
}
