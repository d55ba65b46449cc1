import type { Readable } from 'node:stream';

const HEADER_BYTES = 8;
const STDERR = 2;

/** Consumes a piece of output. When it returns a promise, reading pauses until that resolves. */
export type TakeOutput = (piece: Buffer) => Promise<void> | undefined;

/**
 * Demultiplexes the stream that an engine sends for an exec without a terminal. Each frame has one byte of stream type, three zero bytes, four
 * bytes of length (big-endian), then the payload (Docker Engine API, "Attach to a container", stream format). Pieces are passed on as they
 * arrive, never buffered, and reading pauses while a consumer is busy; docker-modem's own `demuxStream` has no back pressure.
 * @returns when the stream has ended, with its error if it broke off. Everything received before that has been passed on: a process that
 * dies without reading its stdin breaks the connection, and its last output matters.
 */
export async function demux(stream: Readable, onStdout: TakeOutput, onStderr: TakeOutput): Promise<Error | undefined> {
  const parse = frameParser(onStdout, onStderr);
  const { promise: ended, resolve } = Promise.withResolvers<Error | undefined>();
  let busy: Promise<void> | undefined;
  stream.on('data', (chunk: Buffer) => {
    const waiting = parse(chunk);
    if (!waiting) return;
    stream.pause();
    busy = waiting.then(() => {
      stream.resume();
    });
  });
  stream.once('end', () => resolve(undefined));
  stream.once('close', () => resolve(undefined));
  stream.once('error', resolve);
  const error = await ended;
  await busy;
  return error;
}

function frameParser(onStdout: TakeOutput, onStderr: TakeOutput): (chunk: Buffer) => Promise<void> | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let remainingBytes = 0;
  return (chunk) => {
    let busy: Promise<void> | undefined;
    let offset = 0;
    while (offset < chunk.length) {
      if (remainingBytes === 0) {
        const count = chunk.copy(header, headerBytes, offset, offset + HEADER_BYTES - headerBytes);
        headerBytes += count;
        offset += count;
        if (headerBytes < HEADER_BYTES) break;
        headerBytes = 0;
        remainingBytes = header.readUInt32BE(4);
        continue;
      }
      const piece = chunk.subarray(offset, offset + remainingBytes);
      offset += piece.length;
      remainingBytes -= piece.length;
      busy = (header[0] === STDERR ? onStderr : onStdout)(piece) ?? busy;
    }
    return busy;
  };
}
