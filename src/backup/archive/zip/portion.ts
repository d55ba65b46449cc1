import type { ByteReader } from '../../compression/byte-reader.ts';
import { truncated } from '../../compression/damage.ts';
import type { CompressedBytes } from './inflate.ts';

/** The next bytes of a reader, as many as a header states. Throws `backup-truncated` when there are fewer. */
export class Portion implements CompressedBytes {
  readonly #reader: ByteReader;
  missing: number;

  constructor(reader: ByteReader, bytes: number) {
    this.#reader = reader;
    this.missing = bytes;
  }

  async takeSome(most: number): Promise<Buffer> {
    if (this.missing === 0) return Buffer.alloc(0);
    const bytes = await this.#reader.takeSome(Math.min(most, this.missing));
    if (bytes.length === 0) throw truncated('zip', this.#reader.offset);
    this.missing -= bytes.length;
    return bytes;
  }

  putBack(bytes: Buffer): void {
    this.#reader.putBack(bytes);
    this.missing += bytes.length;
  }
}

/** @returns up to `count` bytes, which can be put back together. */
export async function takeUpTo(source: CompressedBytes, count: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let missing = count; missing > 0; ) {
    const bytes = await source.takeSome(missing);
    if (bytes.length === 0) break;
    parts.push(bytes);
    missing -= bytes.length;
  }
  return Buffer.concat(parts);
}

export async function* chunksOf(source: CompressedBytes): AsyncGenerator<Buffer> {
  for (;;) {
    const bytes = await source.takeSome(2 ** 18);
    if (bytes.length === 0) return;
    yield bytes;
  }
}
