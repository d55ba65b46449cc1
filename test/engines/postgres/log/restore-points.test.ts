import { describe, expect, it } from 'vitest';
import type { LogArchive, LogFile } from '../../../../src/engines/format.ts';
import { findRestorePoints } from '../../../../src/engines/postgres/log/restore-points.ts';
import { segmentName } from '../../../../src/engines/postgres/log/segment-name.ts';
import { DrillError } from '../../../../src/support/errors.ts';

const SEGMENT_BYTES = 2 ** 20;
const PAGE_BYTES = 8192;
const never = new AbortController().signal;
/** Microseconds since 2000 of 27 Nov 2026, 03:10 UTC. */
const CREATED = BigInt(Date.UTC(2026, 10, 27, 3, 10) - Date.UTC(2000, 0, 1)) * 1000n;

/** A record as XLogRestorePoint writes it: what follows the end of the name is left over from before. */
function restorePoint(name: string): Buffer {
  const record = Buffer.alloc(98, 0x61);
  record.writeUInt32LE(98, 0);
  record.writeUInt8(0x70, 16);
  record.writeUInt8(0, 17);
  record.set([255, 72], 24);
  record.writeBigInt64LE(CREATED, 26);
  record.write(`${name}\0`, 34);
  return record;
}

/** A log of two segments from 0/200000 on, with headers where a server has them. */
class Log {
  readonly bytes = Buffer.alloc(2 * SEGMENT_BYTES);
  readonly start = 2 * SEGMENT_BYTES;

  constructor() {
    for (let at = 0; at < this.bytes.length; at += PAGE_BYTES) {
      this.bytes.writeUInt16LE(0xd116, at);
      this.bytes.writeUInt16LE(at % SEGMENT_BYTES === 0 ? 2 : 0, at + 2);
    }
  }

  /** Writes a record, which continues after the header of the next page. */
  put(at: number, record: Buffer): this {
    let to = at - this.start;
    for (const byte of record) {
      if (to % PAGE_BYTES === 0) to += to % SEGMENT_BYTES === 0 ? 40 : 24;
      this.bytes[to] = byte;
      to += 1;
    }
    return this;
  }

  find(
    name: string,
    from: string,
    { failing, maxBytes = 2 * SEGMENT_BYTES }: { failing?: Error; maxBytes?: number } = {},
  ) {
    const segments = [2, 3].map((number) => {
      const key = segmentName(1, number, SEGMENT_BYTES);
      return { name: key, timeline: 1, number, file: { key, sizeBytes: SEGMENT_BYTES } };
    });
    const read = async ({ key }: LogFile): Promise<Buffer> => {
      const index = segments.findIndex(({ file }) => file.key === key);
      if (failing && index === 1) throw failing;
      return this.bytes.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES);
    };
    const archive: LogArchive = { description: '/wal', files: segments.map(({ file }) => file), read };
    return findRestorePoints({ archive, segments, segmentBytes: SEGMENT_BYTES, from, maxBytes }, name, never);
  }
}

describe('the restore points of a name', () => {
  const log = new Log()
    .put(0x200100, restorePoint('release'))
    .put(0x203000, restorePoint('release'))
    .put(0x203100, restorePoint('release_2'))
    .put(0x203200, Buffer.from('a row that holds the text release\0 and more of it'))
    .put(0x205fd0, restorePoint('release'))
    .put(0x2fffd8, restorePoint('release'));

  it('are found from a position on, also across pages and segments, with the time of their creation', async () => {
    const createdAt = new Date('2026-11-27T03:10:00Z');
    expect(await log.find('release', '0/203000')).toEqual([
      { lsn: '0/203000', createdAt },
      { lsn: '0/205FD0', createdAt },
      { lsn: '0/2FFFD8', createdAt },
    ]);
    expect(await log.find('release_2', '0/203000')).toEqual([{ lsn: '0/203100', createdAt }]);
    expect(await log.find('rele', '0/203000')).toEqual([]);
  });

  it('are those before a damaged segment, while an outage of the store is an error', async () => {
    const found = await log.find('release', '0/203000', { failing: new DrillError('backup-corrupt', 'damaged') });
    expect(found.map(({ lsn }) => lsn)).toEqual(['0/203000', '0/205FD0']);
    const outage = new DrillError('source-failed', 'the store does not answer');
    await expect(log.find('release', '0/203000', { failing: outage })).rejects.toBe(outage);
  });

  it('are those in the part of the log that is to be read', async () => {
    const failing = new Error('read too much');
    const found = await log.find('release', '0/203000', { maxBytes: SEGMENT_BYTES, failing });
    expect(found.map(({ lsn }) => lsn)).toEqual(['0/203000', '0/205FD0']);
  });
});
