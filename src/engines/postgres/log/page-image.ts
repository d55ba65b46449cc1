import { zstdDecompressSync } from 'node:zlib';
import { PAGE_BYTES } from './heap-page.ts';

const [PGLZ, LZ4, ZSTD] = [0x04, 0x08, 0x10];

/**
 * A page as stored in a record: without the hole in its middle, and compressed with `wal_compression`.
 * @returns undefined if it cannot be decompressed.
 */
export function restoreImage(
  packed: Buffer,
  { info, holeAt, holeBytes }: { readonly info: number; readonly holeAt: number; readonly holeBytes: number },
): Buffer | undefined {
  const size = PAGE_BYTES - holeBytes;
  const bytes = unpack(packed, info, size);
  if (bytes?.length !== size || holeAt > size) return undefined;
  return Buffer.concat([bytes.subarray(0, holeAt), Buffer.alloc(holeBytes), bytes.subarray(holeAt)]);
}

function unpack(packed: Buffer, info: number, size: number): Buffer | undefined {
  if (info & PGLZ) return unpackPglz(packed, size);
  if (info & LZ4) return unpackLz4(packed, size);
  if (!(info & ZSTD)) return packed;
  try {
    return zstdDecompressSync(packed, { maxOutputLength: PAGE_BYTES });
  } catch {
    return undefined; // the page remains unknown, and with it the names on it
  }
}

/** Eight items follow each flag byte: a literal byte, or a back-reference. Source: PostgreSQL's src/common/pg_lzcompress.c, pglz_decompress. */
export function unpackPglz(packed: Buffer, size: number): Buffer {
  const out = new Output(size);
  let at = 0;
  while (at < packed.length && !out.isFull) {
    let flags = packed.readUInt8(at++);
    for (let item = 0; item < 8 && at < packed.length && !out.isFull; item += 1, flags >>= 1) {
      if (!(flags & 1)) {
        out.add(packed.subarray(at, at + 1));
        at += 1;
        continue;
      }
      const [first, second] = [packed.readUInt8(at), packed.readUInt8(at + 1)];
      at += 2;
      let length = (first & 0x0f) + 3;
      if (length === 18) length += packed.readUInt8(at++);
      out.repeat(((first & 0xf0) << 4) | second, length);
    }
  }
  return out.bytes;
}

/** A block without a frame. Source: the LZ4 Block Format, github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
export function unpackLz4(packed: Buffer, size: number): Buffer {
  const out = new Output(size);
  let at = 0;
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) more = packed.readUInt8(at++);
    return length;
  };
  while (at < packed.length) {
    const token = packed.readUInt8(at++);
    const literals = lengthFrom(token >> 4);
    out.add(packed.subarray(at, at + literals));
    at += literals;
    if (at >= packed.length) break;
    const distance = packed.readUInt16LE(at);
    at += 2;
    out.repeat(distance, lengthFrom(token & 0x0f) + 4);
  }
  return out.bytes;
}

class Output {
  readonly #buffer: Buffer;
  #length = 0;

  constructor(size: number) {
    this.#buffer = Buffer.alloc(size);
  }

  get isFull(): boolean {
    return this.#length >= this.#buffer.length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  add(bytes: Buffer): void {
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  /** Copies what was written that many bytes ago; source and target may overlap. */
  repeat(distance: number, length: number): void {
    if (distance === 0 || distance > this.#length) throw new RangeError('a repetition of what is not there');
    const end = Math.min(this.#length + length, this.#buffer.length);
    for (; this.#length < end; this.#length += 1) {
      this.#buffer[this.#length] = this.#buffer[this.#length - distance] ?? 0;
    }
  }
}
