import type { Readable } from 'node:stream';

/**
 * The chunks of a stream as they arrived, one at a time. `for await` over the stream itself joins all that has arrived into one new buffer, which copies every
 * byte, and creates as much garbage.
 * @throws what the stream is destroyed with.
 */
export async function* piecesOf(stream: Readable): AsyncGenerator<Buffer> {
  const pieces: Buffer[] = [];
  let changed = Promise.withResolvers<void>();
  const onChange = () => changed.resolve();
  stream.pause();
  stream.on('data', (piece: Buffer) => {
    stream.pause();
    pieces.push(piece);
    onChange();
  });
  for (const event of ['end', 'error', 'close']) stream.on(event, onChange);
  try {
    while (true) {
      for (let piece = pieces.shift(); piece; piece = pieces.shift()) yield piece;
      if (stream.errored) throw stream.errored;
      if (stream.readableEnded) return;
      if (stream.destroyed) throw new Error('the stream was closed');
      changed = Promise.withResolvers();
      stream.resume();
      await changed.promise;
    }
  } finally {
    stream.destroy();
  }
}
