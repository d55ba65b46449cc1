import { once } from 'node:events';
import { createInflateRaw, type InflateRaw } from 'node:zlib';

/** A source of compressed bytes. `takeSome` returns an empty buffer at the end. */
export interface CompressedBytes {
  takeSome(most: number): Promise<Buffer>;
  putBack(bytes: Buffer): void;
}

const INPUT_BYTES = 2 ** 16;
const OUTPUT_BYTES = 2 ** 18;

/**
 * Inflates one deflate stream, whose end is only marked inside the stream, and leaves the source at the byte after it.
 * @param explain turns zlib's message into the error to throw.
 * @param ended makes the error for a source that ends before the stream does. Also throws whatever the source throws.
 */
export async function* inflate(
  source: CompressedBytes,
  explain: (message: string) => Error,
  ended: () => Error,
): AsyncGenerator<Buffer> {
  const decoder = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  const feeding = feed(source, decoder).catch((error: unknown) => {
    decoder.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of decoder) yield chunk;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw ended();
    throw code.startsWith('Z_') ? explain(message) : error;
  } finally {
    decoder.destroy();
    await feeding;
  }
}

/** One portion at a time, so that we know what the decoder did not consume. */
async function feed(source: CompressedBytes, decoder: InflateRaw): Promise<void> {
  const closed = once(decoder, 'close').catch(() => undefined);
  for (let fedBytes = 0; !decoder.destroyed; ) {
    const portion = await source.takeSome(INPUT_BYTES);
    if (portion.length === 0) {
      decoder.end(); // which is no error where the stream has just ended
      return;
    }
    fedBytes += portion.length;
    const taken = new Promise<void>((resolve) => decoder.write(portion, () => resolve()));
    await Promise.race([taken, closed]);
    const left = fedBytes - decoder.bytesWritten;
    if (left > 0) {
      source.putBack(portion.subarray(portion.length - Math.min(left, portion.length)));
      return;
    }
  }
}
