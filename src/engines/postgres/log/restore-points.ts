import type { LogArchive } from '../../format.ts';
import { formatLsn, parseLsn } from './log-line.ts';
import { pageHeaderBytes, pagesUntilDamage } from './log-pages.ts';
import type { ArchivedSegment } from './plan-log.ts';
import { instantAt, XLOG } from './record-fields.ts';
import { HEADER_BYTES } from './wal-record.ts';

/** A restore point in the log. */
export interface RestorePoint {
  /** Where its record starts: `0/76C2858`. */
  readonly lsn: string;
  readonly createdAt: Date;
}

/** The part of the log to search. */
export interface SearchedLog {
  readonly archive: LogArchive;
  /** In log order; of two with the same number, the later one counts. */
  readonly segments: readonly ArchivedSegment[];
  readonly segmentBytes: number;
  /** Where the first record of interest starts. */
  readonly from: string;
  /** How much of the log to read from there at most; whole segments. */
  readonly maxBytes: number;
}

/** A record is a header of 24 bytes, two that state the length of its data, and the data: a time of 8 bytes and a name in 64. */
const [DATA_AT, NAME_AT, RECORD_BYTES] = [26, 34, 98];
/** `XLR_BLOCK_ID_DATA_SHORT`, and the length of the data. */
const DATA_SHORT = Buffer.from([255, 72]);
/** `XLOG_RESTORE_POINT`. */
const RESTORE_POINT = 0x70;

/**
 * Finds the restore points of a name by reading the archive itself, so that neither space in the sandbox nor pg_waldump is needed. Source: PostgreSQL's
 * src/include/access/xlog_internal.h, xl_restore_point. The log after the target is not part of the recovery, so damage to it is no error.
 * @returns those up to the first gap or damaged segment, in log order. @throws what reading the archive throws.
 */
export async function findRestorePoints(
  { archive, segments, segmentBytes, from, maxBytes }: SearchedLog,
  name: string,
  signal: AbortSignal,
): Promise<readonly RestorePoint[]> {
  const start = parseLsn(from);
  const first = Math.floor(start / segmentBytes);
  const byNumber = new Map(segments.map((segment) => [segment.number, segment]));
  const finder = new PointFinder(name);
  const end = first + Math.ceil(maxBytes / segmentBytes);
  for (let number = first; number < end; number += 1) {
    const segment = byNumber.get(number);
    if (!segment) break;
    let at = number * segmentBytes;
    for await (const page of pagesUntilDamage(archive, segment.file, signal)) {
      finder.take(page, at);
      at += page.length;
    }
    if (at !== (number + 1) * segmentBytes) break;
  }
  return finder.found.filter(({ lsn }) => parseLsn(lsn) >= start);
}

/** Searches pages one after another; a record may continue on the next. */
class PointFinder {
  readonly found: RestorePoint[] = [];
  readonly #name: Buffer;
  /** The end of the page before, in which a record may have started. */
  #before: Buffer = Buffer.alloc(0);

  constructor(name: string) {
    this.#name = Buffer.from(`${name}\0`);
  }

  /** @param start position of the page in the log, in bytes. */
  take(page: Buffer, start: number): void {
    const header = pageHeaderBytes(page);
    if (header === undefined) {
      this.#before = Buffer.alloc(0);
      return;
    }
    const before = this.#before;
    const bytes = Buffer.concat([before, page.subarray(header)]);
    for (let at = bytes.indexOf(this.#name); at >= 0; at = bytes.indexOf(this.#name, at + 1)) {
      const begin = at - NAME_AT;
      const createdAt = begin < 0 ? undefined : readPoint(bytes.subarray(begin));
      const position = begin < before.length ? start - (before.length - begin) : start + header + begin - before.length;
      if (createdAt) this.found.push({ lsn: formatLsn(position), createdAt });
    }
    this.#before = Buffer.from(bytes.subarray(-(NAME_AT + this.#name.length - 1)));
  }
}

/** @param bytes of a record, from its start. @returns when the restore point was created; undefined for any other record. */
function readPoint(bytes: Buffer): Date | undefined {
  const isPoint =
    bytes.readUInt32LE(0) === RECORD_BYTES &&
    (bytes.readUInt8(16) & 0xf0) === RESTORE_POINT &&
    bytes.readUInt8(17) === XLOG &&
    bytes.subarray(HEADER_BYTES, DATA_AT).equals(DATA_SHORT);
  return isPoint ? instantAt(bytes, DATA_AT) : undefined;
}
