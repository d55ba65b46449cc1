/** Length of the window; a restore without any activity for this long is stalled. */
const RECENT_MS = 5000;
/** Engines may report progress per line; samples closer together than this add nothing. */
const READING_GAP_MS = 200;

/** A restore's progress at one moment of a monotonic clock. */
interface Reading {
  readonly atMs: number;
  readonly bytesRead: number;
  readonly ratio: number | undefined;
}

export interface Recently {
  /** Time span of the values below: about five seconds, less at the beginning. */
  readonly spanMs: number;
  /** Bytes that arrived in that time. */
  readonly bytes: number;
  /** Whether nothing arrived or was done in all that time. */
  readonly isStill: boolean;
}

/** Tracks a restore's progress over the last seconds, because the overall average does not show the current speed. */
export class RecentBytes {
  #readings: readonly Reading[] = [];

  /** @param now must always use the same clock, and never be earlier than the previous sample. */
  read(now: Reading): Recently {
    const oldest = this.#readings.findLastIndex(({ atMs }) => now.atMs - atMs >= RECENT_MS);
    const kept = this.#readings.slice(Math.max(0, oldest));
    const from = kept[0] ?? now;
    const last = kept.at(-1);
    this.#readings = last && now.atMs - last.atMs < READING_GAP_MS ? kept : [...kept, now];
    const bytes = Math.max(0, now.bytesRead - from.bytesRead);
    const isSame = now.bytesRead === from.bytesRead && now.ratio === from.ratio;
    return { spanMs: now.atMs - from.atMs, bytes, isStill: oldest >= 0 && isSame };
  }
}
