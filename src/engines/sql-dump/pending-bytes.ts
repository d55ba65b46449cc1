const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Bytes of SQL text that a splitter has received but not yet split into statements, without the byte order mark. Memory is bounded by the longest statement.
 */
export class PendingBytes {
  /** The first bytes, until there are enough of them to recognise a byte order mark. */
  private opening: Buffer | undefined = Buffer.alloc(0);
  /** The first `kept` bytes of a buffer that grows by doubling. */
  private pending = Buffer.alloc(0);
  private kept = 0;

  /** Whether the bytes to split start in an earlier chunk. */
  get hasKept(): boolean {
    return this.kept > 0;
  }

  /** @returns the chunk without the mark; undefined while there are too few bytes to decide. */
  passOpening(chunk: Buffer): Buffer | undefined {
    if (this.opening === undefined) return chunk;
    this.opening = Buffer.concat([this.opening, chunk]);
    return this.opening.length >= BYTE_ORDER_MARK.length ? this.takeOpening() : undefined;
  }

  /** At the end of the input: the bytes that {@link passOpening} is still holding back. */
  takeOpening(): Buffer {
    const opening = this.opening ?? Buffer.alloc(0);
    this.opening = undefined;
    return opening.indexOf(BYTE_ORDER_MARK) === 0 ? opening.subarray(BYTE_ORDER_MARK.length) : opening;
  }

  /**
   * @param expectedBytes the expected length of the kept statement, so that the buffer grows to that size at once.
   * @returns the kept bytes, followed by the chunk.
   */
  with(chunk: Buffer, expectedBytes = 0): Buffer {
    if (this.kept === 0) return chunk;
    const needed = this.kept + chunk.length;
    if (needed > this.pending.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed * 2, expectedBytes + chunk.length));
      this.pending.copy(grown, 0, 0, this.kept);
      this.pending = grown;
    }
    chunk.copy(this.pending, this.kept);
    this.kept = needed;
    return this.pending.subarray(0, needed);
  }

  /** The caller may hold views of the old buffer, so kept bytes move to a new one, unless nothing was taken from it. */
  keep(work: Buffer, consumed: number): void {
    if (consumed === 0 && this.kept > 0) return;
    const rest = work.subarray(consumed);
    this.pending = Buffer.allocUnsafe(rest.length);
    rest.copy(this.pending);
    this.kept = rest.length;
  }

  forget(): void {
    this.kept = 0;
    this.pending = Buffer.alloc(0);
  }
}
