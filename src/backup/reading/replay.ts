import { Readable } from 'node:stream';

/**
 * Reads at least the next `count` bytes of a stream, or everything that is left. The stream stays ready for {@link replay}; it may fail in the meantime (see
 * {@link keepError}).
 * @throws the error that the stream is destroyed with.
 */
export async function readAtLeast(stream: Readable, count: number): Promise<Buffer> {
  keepError(stream);
  const chunks: Buffer[] = [];
  let bytes = 0;
  while (bytes < count) {
    const chunk: Buffer | null = stream.read();
    if (chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
    } else if (stream.readableEnded || !(await moreComes(stream))) {
      break;
    }
  }
  return Buffer.concat(chunks);
}

/** @returns true if there may be more to read, false if the stream has ended. */
function moreComes(stream: Readable): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => () => {
      stream.off('readable', onReadable).off('end', onEnd).off('error', onClose).off('close', onClose);
      act();
    };
    const onReadable = settle(() => resolve(true));
    const onEnd = settle(() => resolve(false));
    const onClose = settle(() => reject(stream.errored ?? new Error('the stream was closed')));
    if (stream.destroyed) {
      onClose();
      return;
    }
    stream.on('readable', onReadable).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/**
 * Call this for a stream if anything is awaited before it is read: a failure in between then does not crash the process, but stays in `errored` for the reader.
 */
export function keepError<T extends Readable>(stream: T): T {
  return stream.listeners('error').includes(ignore) ? stream : stream.on('error', ignore);
}

function ignore(): void {
  // the reader finds it in `errored`
}

/**
 * Joins `head` and the remainder of `rest` into one stream. Destroying either stream destroys the other, even if `rest` was destroyed earlier; errors are
 * passed on unchanged, and wait for the reader.
 */
export function replay(head: Buffer, rest: Readable): Readable {
  return new Replay(head, rest);
}

class Replay extends Readable {
  #head: Buffer | undefined;
  readonly #rest: Readable;

  constructor(head: Buffer, rest: Readable) {
    super({ highWaterMark: 2 ** 19 });
    this.#head = head;
    this.#rest = rest;
    keepError(this);
    rest.pause();
    rest.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) rest.pause();
    });
    rest.pause();
    rest.once('end', () => this.#end());
    rest.once('error', (error) => this.destroy(error));
    rest.once('close', () => {
      if (!rest.readableEnded && !rest.errored) this.destroy(new Error('the stream was closed'));
    });
    if (rest.readableEnded) this.#end();
    else if (rest.destroyed) this.destroy(rest.errored ?? new Error('the stream was closed'));
  }

  override _read(): void {
    const head = this.#head;
    this.#head = undefined;
    if (head && head.length > 0) this.push(head);
    else this.#rest.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#rest.destroy();
    callback(error);
  }

  /** A short `rest` may end before the head has been read; the head is emitted first. */
  #end(): void {
    const head = this.#head;
    this.#head = undefined;
    if (head && head.length > 0) this.push(head);
    this.push(null);
  }
}

/** Destroys the stream with the signal's reason on abort, and stops listening once the stream is closed. */
export function destroyOnAbort(stream: Readable, signal: AbortSignal): void {
  const onAbort = () => stream.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', onAbort));
  if (signal.aborted) onAbort();
}
