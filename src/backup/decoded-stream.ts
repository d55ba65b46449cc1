import { Readable } from 'node:stream';

/**
 * Streams a generator's output. When destroyed, `Readable.from` would wait for the generator's next chunk of input, which may never come; this destroys the
 * input first.
 */
export class DecodedStream extends Readable {
  readonly #chunks: AsyncGenerator<Buffer>;
  readonly #input: Readable;
  readonly #explain: (error: unknown) => Error;

  /** @param explain turns what the generator throws into the stream's error. @param bufferBytes how much to buffer ahead of the reader. */
  constructor(
    chunks: AsyncGenerator<Buffer>,
    input: Readable,
    { explain, bufferBytes }: { readonly explain: (error: unknown) => Error; readonly bufferBytes: number },
  ) {
    super({ highWaterMark: bufferBytes });
    this.#chunks = chunks;
    this.#input = input;
    this.#explain = explain;
  }

  override _read(): void {
    this.#chunks.next().then(
      ({ value, done }) => {
        if (!this.destroyed) this.push(done ? null : value);
      },
      (error: unknown) => this.destroy(this.#explain(error)),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#input.destroy();
    this.#chunks.return(undefined).catch(() => undefined); // the generator ends once its input has been destroyed
    callback(error);
  }
}
