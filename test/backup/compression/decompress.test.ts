import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { decompress, recogniseCompression } from '../../../src/backup/compression/decompress.ts';
import type { Compression } from '../../../src/backup/content.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { failure } from '../../contracts/source-contract.ts';

/** Output of `seq 1 40000`; the fixtures hold it as compressed by the command line tools. */
const NUMBERS = Buffer.from(Array.from({ length: 40_000 }, (_, index) => `${index + 1}\n`).join(''));
const HALF = NUMBERS.subarray(0, NUMBERS.length / 2);
const SKIPPABLE = Buffer.from('502a4d180400000061626364', 'hex');

const COMPRESSED: [string, Compression, Buffer][] = [
  ['gzip', 'gzip', gzipSync(NUMBERS)],
  ['zstd', 'zstd', zstdCompressSync(NUMBERS, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ['lz4 with blocks on their own', 'lz4', fixture('independent.lz4')],
  ['lz4 with linked blocks', 'lz4', fixture('linked.lz4')],
  ['lz4 with block checksums', 'lz4', compressFrameSync(NUMBERS, { blockChecksums: true, contentChecksum: true })],
  ['xz', 'xz', fixture('numbers.xz')],
  ['xz of several blocks', 'xz', fixture('blocks.xz')],
  ['xz with SHA-256', 'xz', fixture('sha256.xz')],
  ['bzip2', 'bzip2', fixture('numbers.bz2')],
  ['snappy', 'snappy', fixture('numbers.snappy')],
];

describe.each(COMPRESSED)('%s', (_, compression, bytes) => {
  it('is recognised and decompressed, however its bytes are chunked', async () => {
    expect(recogniseCompression(bytes)).toBe(compression);
    for (const chunkBytes of [bytes.length, 1000, 7]) {
      expect((await unpack(compression, bytes, chunkBytes)).equals(NUMBERS)).toBe(true);
    }
  });

  it('is read as one when several streams are concatenated', async () => {
    const twice = Buffer.concat([bytes, bytes]);
    expect((await unpack(compression, twice)).equals(Buffer.concat([NUMBERS, NUMBERS]))).toBe(true);
    expect((await unpack(compression, twice, bytes.length)).length).toBe(2 * NUMBERS.length);
  });

  it('is backup-truncated when it ends early, at any byte', async () => {
    for (const missing of [1, 5, Math.floor(bytes.length / 2), bytes.length - 12]) {
      const error = await failure(unpack(compression, bytes.subarray(0, bytes.length - missing), 1000));
      expect([missing, error.code]).toEqual([missing, 'backup-truncated']);
      expect(error.message).toContain(compression);
    }
  });

  it('is backup-corrupt, with a byte offset, when a bit of its data is flipped', async () => {
    for (const at of [0.3, 0.5, 0.8].map((share) => Math.floor(bytes.length * share))) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const error = await failure(unpack(compression, flipped, 1000));
      // A flipped length may send the decoder past the end: then it can only tell that bytes are missing.
      expect(['backup-corrupt', 'backup-truncated']).toContain(error.code);
      if (error.code === 'backup-corrupt') expect(error.message).toMatch(/at or before byte [\d,]+: /);
    }
  });

  it('passes on an error of its input unchanged', async () => {
    const cause = new DrillError('backup-changed', 'replaced');
    const input = Readable.from(
      (async function* () {
        yield bytes.subarray(0, bytes.length / 2);
        throw cause;
      })(),
      { objectMode: false },
    );
    await expect(buffer(decompress(compression, input))).rejects.toBe(cause);
  });

  it('releases its input at once when destroyed, even while waiting for it', async () => {
    const input = new Readable({ read: () => undefined });
    const output = decompress(compression, input);
    output.resume();
    input.push(bytes.subarray(0, 20));
    const closed = new Promise((resolve) => input.once('close', resolve));
    output.destroy();
    await closed;
    expect(output.destroyed).toBe(true);
  });
});

describe('compressed content', () => {
  it('is left as it is when not compressed', () => {
    for (const text of ['', 'PGDMP', '-- PostgreSQL database dump', 'BZh9 is no bzip2', '\x1f\x8b']) {
      expect(recogniseCompression(Buffer.from(text, 'latin1'))).toBe('none');
    }
    const input = Readable.from(['x']);
    expect(decompress('none', input)).toBe(input);
  });

  it('may have skippable frames at the start, in between and at the end', async () => {
    const zstd = Buffer.concat([SKIPPABLE, zstdCompressSync(HALF), SKIPPABLE, zstdCompressSync(HALF), SKIPPABLE]);
    expect(recogniseCompression(zstd)).toBe('zstd');
    expect((await unpack('zstd', zstd, 100)).length).toBe(2 * HALF.length);
    const lz4 = Buffer.concat([fixture('linked.lz4'), SKIPPABLE]);
    expect((await unpack('lz4', lz4)).equals(NUMBERS)).toBe(true);
  });

  it('may be padded with zeros after gzip, as gzip -d accepts, and with nothing else', async () => {
    const gzip = gzipSync(NUMBERS);
    expect((await unpack('gzip', Buffer.concat([gzip, Buffer.alloc(1000)]), 999)).equals(NUMBERS)).toBe(true);
    const error = await failure(unpack('gzip', Buffer.concat([gzip, Buffer.from('<html>')])));
    expect(error.code).toBe('backup-corrupt');
    expect(error.message).toContain('data that is not gzip follows a complete member');
  });

  it('may not continue after gzip padding, since the rest would be dropped', async () => {
    const gzip = gzipSync(NUMBERS);
    for (const rest of [gzip, Buffer.from('x')]) {
      for (const chunkBytes of [1_000_000, gzip.length, 100]) {
        const error = await failure(unpack('gzip', Buffer.concat([gzip, Buffer.alloc(512), rest]), chunkBytes));
        expect(`${error.code}: ${error.message}`).toMatch(/^backup-corrupt: .* follows a complete member/);
      }
    }
  });

  it.each(COMPRESSED)('in %s reports that its line endings were changed', async (_, compression, bytes) => {
    const changed = Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    const error = await failure(unpack(compression, changed));
    expect(`${error.code}: ${error.message}`).toMatch(/^backup-corrupt: .*its line endings were changed/);
    expect(error.hint).toContain('without `-t`');
  });

  it('that needs too much memory is refused, not called damaged', async () => {
    // a frame header that claims a window of 2 GiB, without a content size, and one empty last block
    const error = await failure(unpack('zstd', Buffer.from('28b52ffd00a8010000', 'hex')));
    expect(`${error.code}: ${error.message}`).toMatch(/^format-unsupported: .*zstd data .*more than 134 MB of memory/);
  });

  it('is corrupt when a frame is followed by something else', async () => {
    const error = await failure(unpack('zstd', Buffer.concat([zstdCompressSync(HALF), Buffer.from('<html>')])));
    expect(error.code).toBe('backup-corrupt');
    expect(error.message).toContain('no zstd frame begins there');
  });

  it('is not decompressed further while nothing reads it', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(200_000_000));
    const output = decompress('zstd', Readable.from([bomb], { objectMode: false }));
    await new Promise((resolve) => output.once('readable', resolve));
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(output.readableLength).toBeLessThan(2_000_000);
    output.destroy();
  });
});

function unpack(compression: Compression, bytes: Buffer, chunkBytes = 65_536): Promise<Buffer> {
  const chunks = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) chunks.push(bytes.subarray(start, start + chunkBytes));
  return buffer(decompress(compression, Readable.from(chunks, { objectMode: false })));
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}
