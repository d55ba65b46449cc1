/** Records and pages of a log, as a server writes them; checksums are left out. */

const PAGE_BYTES = 8192;
const EPOCH_MS = Date.UTC(2000, 0, 1);

export function commitRecord(at: Date): Buffer {
  return record(1, 0x00, micros(at));
}

/** What a standby writes when it is promoted. */
export function endOfRecoveryRecord(at: Date, timeline: number, previous: number): Buffer {
  const main = Buffer.alloc(16);
  micros(at).copy(main);
  main.writeUInt32LE(timeline, 8);
  main.writeUInt32LE(previous, 12);
  return record(0, 0x90, main);
}

export function checkpointRecord(at: Date, timeline: number, previous = timeline): Buffer {
  const main = Buffer.alloc(88);
  main.writeUInt32LE(timeline, 8);
  main.writeUInt32LE(previous, 12);
  main.writeBigInt64LE(BigInt(at.getTime() / 1000), 64);
  return record(0, 0x10, main);
}

/** Any other record. @param bytes of its data. */
export function otherRecord(bytes: number): Buffer {
  return record(10, 0x00, Buffer.alloc(bytes, 0x61));
}

/** @param continued length of what continues here of a record in the segment before. */
export function segmentOf(records: readonly Buffer[], continued = 0): Buffer {
  const pages: Buffer[] = [];
  let page = beginPage(true, continued);
  let at = 40;
  for (const bytes of [Buffer.alloc(continued), ...records]) {
    at = Math.ceil(at / 8) * 8;
    for (let done = 0; done < bytes.length; ) {
      if (at >= PAGE_BYTES) {
        pages.push(page);
        page = beginPage(false, done > 0 ? bytes.length - done : 0);
        at = 24;
      }
      const length = bytes.copy(page, at, done);
      done += length;
      at += length;
    }
  }
  return Buffer.concat([...pages, page, Buffer.alloc(PAGE_BYTES)]);
}

function beginPage(isFirst: boolean, continued: number): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  page.writeUInt16LE(0xd116, 0);
  page.writeUInt16LE(isFirst ? 2 : 0, 2);
  page.writeUInt32LE(continued, 16);
  return page;
}

function record(manager: number, info: number, main: Buffer): Buffer {
  const length = Buffer.alloc(main.length > 255 ? 5 : 2);
  length.writeUInt8(main.length > 255 ? 254 : 255, 0);
  if (main.length > 255) length.writeUInt32LE(main.length, 1);
  else length.writeUInt8(main.length, 1);
  const header = Buffer.alloc(24);
  header.writeUInt32LE(header.length + length.length + main.length, 0);
  header.writeUInt8(info, 16);
  header.writeUInt8(manager, 17);
  return Buffer.concat([header, length, main]);
}

function micros(at: Date): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(at.getTime() - EPOCH_MS) * 1000n);
  return bytes;
}
