import { DrillError } from '../../../support/errors.ts';
import { piecesOf } from '../../../support/stream-pieces.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { streamLogFile } from './read-log-file.ts';

/** Pages of a segment. Source: PostgreSQL's src/include/access/xlog_internal.h, XLogPageHeaderData and XLogLongPageHeaderData. */

export const PAGE_BYTES = 8192;
export const [SHORT_HEADER_BYTES, LONG_HEADER_BYTES] = [24, 40];
const LONG_HEADER = 0x0002;

/** Each whole page of a segment, up to where the file is damaged. @throws what the store of the archive throws. */
export async function* pagesUntilDamage(
  archive: LogArchive,
  file: LogFile,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    yield* pagesOf(piecesOf(await streamLogFile(archive, file, signal)));
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof DrillError && ['log-damaged', 'backup-corrupt', 'backup-truncated'].includes(error.code);
}

async function* pagesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
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
