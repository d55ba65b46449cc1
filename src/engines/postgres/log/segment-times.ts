import type { LogArchive, LogFile } from '../../format.ts';
import { pageHeaderBytes, pagesUntilDamage } from './log-pages.ts';
import { instantAt, TRANSACTION, XLOG } from './record-fields.ts';
import { HEADER_BYTES, ID_DATA_LONG, ID_DATA_SHORT, ID_ORIGIN, ID_TOPLEVEL_XID } from './wal-record.ts';

/** What a segment says of the time at which it was written, by the clock of its server. */
export interface SegmentTimes {
  /** Of the last commit or checkpoint in it; undefined if it has none. */
  readonly newest: Date | undefined;
  /** When a server was promoted to this timeline; undefined unless that is in this segment. */
  readonly began: Date | undefined;
}

/** Enough of a record for what is read of it. */
const HEAD_BYTES = 128;
/** Records with a time. Source: PostgreSQL's src/include/catalog/pg_control.h, src/include/access/xact.h. */
const [CHECKPOINT_SHUTDOWN, CHECKPOINT_ONLINE, END_OF_RECOVERY] = [0x00, 0x10, 0x90];
const [COMMIT, COMMIT_PREPARED] = [0x00, 0x30];
/** Offset of `time` in a checkpoint, in seconds since 1970: the same from version 12 to 18. */
const CHECKPOINT_TIME_AT = 64;

/**
 * Reads the times in a segment without a server’s tools. @returns those up to where it is damaged. @throws what the store of the archive throws.
 */
export async function readSegmentTimes(archive: LogArchive, file: LogFile, signal: AbortSignal): Promise<SegmentTimes> {
  const reader = new TimeReader();
  for await (const page of pagesUntilDamage(archive, file, signal)) {
    if (!reader.take(page)) break;
  }
  return { newest: reader.newest, began: reader.began };
}

/** Follows the records of a segment from page to page. */
class TimeReader {
  newest: Date | undefined;
  began: Date | undefined;
  #head: Buffer[] = [];
  #headBytes = 0;
  /** Bytes of the current record that are still to come. */
  #left = 0;
  #isFirst = true;

  /** @returns false where the log ends. */
  take(page: Buffer): boolean {
    const header = pageHeaderBytes(page);
    if (header === undefined) return false;
    let at = header;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#left = page.readUInt32LE(16); // of a record that begins in the segment before
      this.#headBytes = HEAD_BYTES;
    }
    while (at < page.length) {
      if (this.#left === 0) {
        at = Math.ceil(at / 8) * 8;
        if (at >= page.length) break;
        this.#left = page.readUInt32LE(at);
        if (this.#left < HEADER_BYTES) return false;
        [this.#head, this.#headBytes] = [[], 0];
      }
      const length = Math.min(this.#left, page.length - at);
      const kept = Math.min(length, HEAD_BYTES - this.#headBytes);
      if (kept > 0) this.#head.push(Buffer.from(page.subarray(at, at + kept)));
      this.#headBytes += kept;
      at += length;
      this.#left -= length;
      if (this.#left === 0) this.#read(Buffer.concat(this.#head));
    }
    return true;
  }

  #read(record: Buffer): void {
    if (record.length < HEADER_BYTES) return;
    const [info, manager] = [record.readUInt8(16), record.readUInt8(17)];
    const main = mainOf(record);
    if (!main) return;
    if (manager === TRANSACTION && [COMMIT, COMMIT_PREPARED].includes(info & 0x70)) this.#note(instantAt(main, 0));
    if (manager !== XLOG) return;
    const kind = info & 0xf0;
    if (kind === END_OF_RECOVERY) this.#note(instantAt(main, 0), timelinesAt(main, 8));
    const isCheckpoint = kind === CHECKPOINT_SHUTDOWN || kind === CHECKPOINT_ONLINE;
    if (isCheckpoint && main.length >= CHECKPOINT_TIME_AT + 8)
      this.#note(new Date(Number(main.readBigInt64LE(CHECKPOINT_TIME_AT)) * 1000), timelinesAt(main, 8));
  }

  #note(at: Date | undefined, timelines?: readonly [own: number, previous: number]): void {
    if (!at || Number.isNaN(at.getTime())) return;
    if (!this.newest || at > this.newest) this.newest = at;
    if (timelines && timelines[0] !== timelines[1]) this.began ??= at;
  }
}

/** The data of a record without pages. Source: PostgreSQL's xlogreader.c, DecodeXLogRecord. @returns undefined for any other record. */
function mainOf(record: Buffer): Buffer | undefined {
  for (let at = HEADER_BYTES; at < record.length; ) {
    const id = record[at];
    if (id === ID_DATA_SHORT) return record.subarray(at + 2);
    if (id === ID_DATA_LONG) return record.subarray(at + 5);
    if (id === ID_ORIGIN) at += 3;
    else if (id === ID_TOPLEVEL_XID) at += 5;
    else return undefined;
  }
  return undefined;
}

function timelinesAt(main: Buffer, at: number): readonly [number, number] | undefined {
  return main.length < at + 8 ? undefined : [main.readUInt32LE(at), main.readUInt32LE(at + 4)];
}
