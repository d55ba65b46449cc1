import { Transform, type TransformCallback } from 'node:stream';

/** Size in bytes of a tar's end mark: two blocks of zeros. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
const END_BYTES = 1024;

/** Passes a tar through and detects whether its end mark is present: a tar cut off between two members would otherwise end without an error. */
export class TarEnd extends Transform {
  readonly #mostBytes: number;
  #zeros = 0;
  #size = 0;

  /** @param mostBytes a longer one is destroyed without an error at this size. */
  constructor(mostBytes = Number.POSITIVE_INFINITY) {
    super();
    this.#mostBytes = mostBytes;
  }

  /** Valid once everything was read. */
  get isWhole(): boolean {
    return this.#zeros >= END_BYTES;
  }

  get isTooLong(): boolean {
    return this.#size > this.#mostBytes;
  }

  /** Bytes read. */
  get size(): number {
    return this.#size;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const zeros = zerosAtEnd(chunk);
    this.#zeros = zeros === chunk.length ? this.#zeros + zeros : zeros;
    this.#size += chunk.length;
    if (this.isTooLong) this.destroy();
    else done(null, chunk);
  }
}

function zerosAtEnd(chunk: Buffer): number {
  let at = chunk.length;
  const least = Math.max(0, at - END_BYTES);
  while (at > least && chunk[at - 1] === 0) at -= 1;
  // no more than this matters of a longer run of zeros
  return at === least && least > 0 ? END_BYTES : chunk.length - at;
}
