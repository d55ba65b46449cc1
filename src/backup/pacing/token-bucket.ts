/** Burst allowed after a pause: the amount that accrues in this time. */
const BURST_MS = 1000;

/** Limits bytes to a rate, in request order. */
export class TokenBucket {
  #bytesPerSecond: number;
  readonly #nowMs: () => number;
  /** When all requests so far will have passed. */
  #freeAtMs: number;

  /** @param bytesPerSecond above 0. @param nowMs a monotonic clock. */
  constructor(bytesPerSecond: number, nowMs: () => number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#nowMs = nowMs;
    this.#freeAtMs = nowMs();
  }

  /** Applies to later requests. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** @returns how long these bytes must wait, in milliseconds. */
  take(bytes: number): number {
    const nowMs = this.#nowMs();
    const startMs = Math.max(this.#freeAtMs, nowMs - BURST_MS);
    this.#freeAtMs = startMs + (bytes / this.#bytesPerSecond) * 1000;
    return Math.max(0, startMs - nowMs);
  }
}
