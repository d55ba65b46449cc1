/** Reads a stream of chunks in the sizes that a format needs, without copying where possible. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #current: Buffer = Buffer.alloc(0);
  /** Data after `#current`, once bytes were put back. */
  readonly #later: Buffer[] = [];
  #offset = 0;

  constructor(input: AsyncIterable<Buffer>) {
    this.#chunks = input[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** @returns exactly `count` bytes, or fewer if the stream ends first. */
  async take(count: number): Promise<Buffer> {
    const portions: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const portion = await this.takeSome(missing);
      if (portion.length === 0) break;
      portions.push(portion);
      missing -= portion.length;
    }
    const [only] = portions;
    return only && portions.length === 1 ? only : Buffer.concat(portions);
  }

  /** @returns 1 to `most` bytes from the current chunk; none at the end of the stream. */
  async takeSome(most: number): Promise<Buffer> {
    while (this.#current.length === 0) {
      const later = this.#later.shift();
      if (later) {
        this.#current = later;
        continue;
      }
      const { value, done } = await this.#chunks.next();
      if (done) return Buffer.alloc(0);
      this.#current = value;
    }
    const portion = this.#current.subarray(0, most);
    this.#current = this.#current.subarray(portion.length);
    this.#offset += portion.length;
    return portion;
  }

  /** Puts back the last bytes taken, so that they are read again. */
  putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#later.unshift(this.#current);
    this.#current = bytes;
    this.#offset -= bytes.length;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
