/** A stream of chunks, read in the portions that a format needs; a portion within one chunk is returned without waiting or copying. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Buffer>;
  #current: Buffer = Buffer.alloc(0);
  /** In bytes: how much of the current chunk has been taken. */
  #at = 0;
  /** The chunk after the current one. */
  #rest: Buffer | undefined;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Number of bytes that are available. */
  get atHand(): number {
    return this.#current.length - this.#at;
  }

  /** Reads available bytes without consuming them. */
  peek<T>(read: (bytes: Buffer, at: number) => T): T {
    return read(this.#current, this.#at);
  }

  /** Waits until `count` contiguous bytes are available, or the stream ends. Copies only those that span several chunks. */
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

  /** @returns the next bytes if they are available; undefined: use {@link take}. */
  takeNow(count: number): Buffer | undefined {
    return this.atHand < count ? undefined : this.#next(count);
  }

  /** @returns exactly `count` bytes, or fewer if the stream ends first. */
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
