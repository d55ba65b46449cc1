/** A stream of chunks, read in the portions that a format needs; what lies in one chunk is taken without waiting and without copying. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Buffer>;
  #current: Buffer = Buffer.alloc(0);
  /** In bytes: so many of the current chunk were taken. */
  #at = 0;
  /** Follows the current one. */
  #rest: Buffer | undefined;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** How many bytes are at hand. */
  get atHand(): number {
    return this.#current.length - this.#at;
  }

  /** Reads what is at hand and leaves it there. */
  peek<T>(read: (bytes: Buffer, at: number) => T): T {
    return read(this.#current, this.#at);
  }

  /** Waits until `count` bytes are at hand, in one piece, or the stream ends. Copies those only that lie in several chunks. */
  async fill(count: number): Promise<void> {
    if (this.atHand >= count) return;
    const pieces = this.atHand > 0 ? [this.#current.subarray(this.#at)] : [];
    for (let missing = count - this.atHand; missing > 0; ) {
      const chunk = this.#rest ?? (await this.#read());
      this.#rest = undefined;
      if (!chunk) break;
      const isSplit = pieces.length > 0 && chunk.length > missing;
      pieces.push(isSplit ? chunk.subarray(0, missing) : chunk);
      if (isSplit) this.#rest = chunk.subarray(missing);
      missing -= chunk.length;
    }
    const [first] = pieces;
    this.#current = first && pieces.length === 1 ? first : Buffer.concat(pieces);
    this.#at = 0;
  }

  /** @returns the next bytes where they are at hand; undefined: use {@link take}. */
  takeNow(count: number): Buffer | undefined {
    return this.atHand < count ? undefined : this.#next(count);
  }

  /** @returns exactly `count` bytes, or fewer where the stream ends before. */
  async take(count: number): Promise<Buffer> {
    await this.fill(count);
    return this.#next(Math.min(count, this.atHand));
  }

  /** @returns 1 to `most` bytes; none at the end of the stream. */
  async takeSome(most: number): Promise<Buffer> {
    await this.fill(1);
    return this.#next(Math.min(most, this.atHand));
  }

  /** Ends the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #next(count: number): Buffer {
    const from = this.#at;
    this.#at += count;
    const taken = this.#current.subarray(from, this.#at);
    if (this.#rest && this.atHand === 0) {
      this.#current = this.#rest;
      this.#at = 0;
      this.#rest = undefined;
    }
    return taken;
  }

  async #read(): Promise<Buffer | undefined> {
    const { value, done } = await this.#chunks.next();
    return done ? undefined : value;
  }
}
