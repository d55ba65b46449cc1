import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { LogPart } from './dump-log.ts';
import { parseLsn } from './log-line.ts';
import { LONG_HEADER_BYTES, PAGE_BYTES, SHORT_HEADER_BYTES } from './log-pages.ts';
import { segmentName } from './segment-name.ts';

/** Records closer together than this are read in one go. */
const GAP_BYTES = 128 * 1024;
const BATCH_BYTES = 32 * 2 ** 20;

interface RecordPlace {
  readonly lsn: string;
  readonly bytes: number;
}

interface Range {
  /** Offset in bytes of the log, at the start of a page. */
  readonly start: number;
  end: number;
  readonly records: RecordPlace[];
}

/**
 * Yields the bytes of log records, in order, from the segments in the sandbox: pg_waldump prints no names.
 * @param wanted in log order.
 */
export async function* readRecordBytes(
  part: LogPart,
  wanted: readonly RecordPlace[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly lsn: string; readonly bytes: Buffer }> {
  let batch: Range[] = [];
  let size = 0;
  for (const range of rangesOf(wanted)) {
    batch.push(range);
    size += range.end - range.start;
    if (size < BATCH_BYTES) continue;
    yield* readBatch(part, batch, signal);
    [batch, size] = [[], 0];
  }
  yield* readBatch(part, batch, signal);
}

async function* readBatch(
  part: LogPart,
  batch: readonly Range[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly lsn: string; readonly bytes: Buffer }> {
  if (batch.length === 0) return;
  const { sandbox, directory } = part;
  const pieces = batch.flatMap((range) => piecesOf(range, part));
  const stdout = new PassThrough();
  const stdin = Readable.from([pieces.map(({ name, skip, pages }) => `${name} ${skip} ${pages}\n`).join('')]);
  const argv = ['sh', '-c', READ, 'read', directory];
  const [bytes] = await Promise.all([buffer(stdout), sandbox.exec(argv, { stdin, stdout, signal })]);
  let at = 0;
  for (const range of batch) {
    const own = bytes.subarray(at, at + range.end - range.start);
    at += range.end - range.start;
    for (const record of range.records) {
      const found = assembleRecord(own, range.start, record, part.segmentBytes);
      if (found) yield { lsn: record.lsn, bytes: found };
    }
  }
}

/** dd skips by seeking; nothing after the last segment can be read, and a record that continues there is left out. */
const READ = `
cd "$1"
while read -r name skip pages; do dd if="$name" bs=${PAGE_BYTES} skip="$skip" count="$pages" 2> /dev/null; done
`;

function rangesOf(wanted: readonly RecordPlace[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const record of wanted) {
    const from = parseLsn(record.lsn);
    const start = from - (from % PAGE_BYTES);
    // each page on which it continues starts with a header
    const pages = Math.ceil((from - start + LONG_HEADER_BYTES + record.bytes) / (PAGE_BYTES - LONG_HEADER_BYTES)) + 1;
    const end = start + pages * PAGE_BYTES;
    const last = ranges.at(-1);
    if (last && start <= last.end + GAP_BYTES && end - last.start < BATCH_BYTES) {
      last.end = Math.max(last.end, end);
      last.records.push(record);
    } else ranges.push({ start, end, records: [record] });
  }
  return ranges;
}

function piecesOf({ start, end }: Range, { timeline, segmentBytes }: LogPart) {
  const pieces: { readonly name: string; readonly skip: number; readonly pages: number }[] = [];
  for (let at = start; at < end; ) {
    const number = Math.floor(at / segmentBytes);
    const until = Math.min(end, (number + 1) * segmentBytes);
    const skip = (at - number * segmentBytes) / PAGE_BYTES;
    pieces.push({ name: segmentName(timeline, number, segmentBytes), skip, pages: (until - at) / PAGE_BYTES });
    at = until;
  }
  return pieces;
}

/**
 * Reassembles a record from the pages that it spans. Source: PostgreSQL's src/include/access/xlog_internal.h.
 * @param pages of the log from `start` on. @returns undefined for a record that is not complete in them.
 */
export function assembleRecord(
  pages: Buffer,
  start: number,
  { lsn, bytes }: RecordPlace,
  segmentBytes: number,
): Buffer | undefined {
  const parts: Buffer[] = [];
  let missing = bytes;
  for (let position = parseLsn(lsn); missing > 0; ) {
    if (position % PAGE_BYTES === 0) position += position % segmentBytes === 0 ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
    const length = Math.min(missing, PAGE_BYTES - (position % PAGE_BYTES));
    const part = pages.subarray(position - start, position - start + length);
    if (part.length < length) return undefined;
    parts.push(part);
    missing -= length;
    position += length;
  }
  return Buffer.concat(parts);
}
