/** How much may be read at once after a pause: what comes in this time. */
const BURST_MS = 1000;

/** Lets bytes through at a rate, in the order in which they ask. */
export class TokenBucket {
  #bytesPerSecond: number;
  readonly #nowMs: () => number;
  /** When everything that has asked is through. */
  #freeAtMs: number;

  /** @param bytesPerSecond above 0. @param nowMs a monotonic clock. */
  constructor(bytesPerSecond: number, nowMs: () => number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#nowMs = nowMs;
    this.#freeAtMs = nowMs();
  }

  /** Applies to what asks from now on. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** @returns how long these bytes have to wait, in milliseconds. */
  take(bytes: number): number {
    const nowMs = this.#nowMs();
    const startMs = Math.max(this.#freeAtMs, nowMs - BURST_MS);
    this.#freeAtMs = startMs + (bytes / this.#bytesPerSecond) * 1000;
    return Math.max(0, startMs - nowMs);
  }
}
