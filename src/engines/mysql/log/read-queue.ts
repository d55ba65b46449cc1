/** A stream of chunks, read in the portions that a format needs; what lies in one chunk is taken without waiting and without copying. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Buffer>;
  #current: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** @returns the next bytes where they are at hand; undefined: use {@link take}. */
  takeNow(count: number): Buffer | undefined {
    if (this.#current.length < count) return undefined;
    const taken = this.#current.subarray(0, count);
    this.#current = this.#current.subarray(count);
    return taken;
  }

  /** @returns exactly `count` bytes, or fewer where the stream ends before. */
  async take(count: number): Promise<Buffer> {
    const now = this.takeNow(count);
    if (now) return now;
    const pieces: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const piece = await this.takeSome(missing);
      if (piece.length === 0) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** @returns 1 to `most` bytes; none at the end of the stream. */
  async takeSome(most: number): Promise<Buffer> {
    while (this.#current.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return Buffer.alloc(0);
      this.#current = value;
    }
    return this.takeNow(Math.min(most, this.#current.length)) ?? Buffer.alloc(0);
  }

  /** Ends the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
