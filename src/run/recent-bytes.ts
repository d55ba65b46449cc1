/** How far back now goes: a restore of which nothing was seen for that long stands still. */
const RECENT_MS = 5000;
/** Engines may tell of each line; closer together than this, two readings say the same. */
const READING_GAP_MS = 200;

/** How far a restore was at a moment, by a monotonic clock. */
interface Reading {
  readonly atMs: number;
  readonly bytesRead: number;
  readonly ratio: number | undefined;
}

export interface Recently {
  /** For how long what follows was seen: about five seconds, less at the beginning. */
  readonly spanMs: number;
  /** That came in that time. */
  readonly bytes: number;
  /** Whether for all of it nothing came and nothing was done. */
  readonly isStill: boolean;
}

/** Remembers how far a restore was in the last seconds: what it did on average says nothing of what it does now. */
export class RecentBytes {
  #readings: readonly Reading[] = [];

  /** @param now of the same clock each time, and never earlier than the last. */
  read(now: Reading): Recently {
    const oldest = this.#readings.findLastIndex(({ atMs }) => now.atMs - atMs >= RECENT_MS);
    const kept = this.#readings.slice(Math.max(0, oldest));
    const from = kept[0] ?? now;
    const last = kept.at(-1);
    this.#readings = last && now.atMs - last.atMs < READING_GAP_MS ? kept : [...kept, now];
    const bytes = Math.max(0, now.bytesRead - from.bytesRead);
    return { spanMs: now.atMs - from.atMs, bytes, isStill: oldest >= 0 && bytes === 0 && now.ratio === from.ratio };
  }
}
