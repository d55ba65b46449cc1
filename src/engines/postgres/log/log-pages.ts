/** Pages of a segment. Source: PostgreSQL's src/include/access/xlog_internal.h, XLogPageHeaderData and XLogLongPageHeaderData. */

const PAGE_BYTES = 8192;
const [SHORT_HEADER_BYTES, LONG_HEADER_BYTES] = [24, 40];
const LONG_HEADER = 0x0002;

/** Each whole page of a segment. */
export async function* pagesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + PAGE_BYTES <= bytes.length; at += PAGE_BYTES) yield bytes.subarray(at, at + PAGE_BYTES);
    rest = bytes.subarray(at);
  }
}

/** @returns undefined for a page that was never written, as after the server left a segment early. */
export function pageHeaderBytes(page: Buffer): number | undefined {
  if (page.readUInt16LE(0) === 0) return undefined;
  return page.readUInt16LE(2) & LONG_HEADER ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
}
