import { type Pace, pacedSource } from '../backup/pacing/paced-source.ts';
import { TokenBucket } from '../backup/pacing/token-bucket.ts';
import type { BackupSource } from '../backup/source.ts';
import { type CountedRun, countReaders, type RateLimit, readsBelow } from '../record/run-limits.ts';
import type { Clock } from '../support/clock.ts';
import type { HeldReading, ReadingShare } from '../support/reading.ts';

/** Minimum share in bytes per second, however many runs there are: a source this slow counts as broken, and a run that waits for it has no verdict. */
const MIN_SHARE = 128 * 2 ** 10;

interface Limited {
  readonly limit: RateLimit;
  readonly bucket: TokenBucket;
}

/** @returns the limits that apply to any of these sources. */
export function ratesOf(rates: readonly RateLimit[], sources: readonly string[]): readonly RateLimit[] {
  return rates.filter(({ of }) => readsBelow({ readsFrom: sources }, of));
}

/**
 * @returns the smallest share that a run gets of the limits that apply to these sources; undefined: none applies. @param readers how many runs read from them.
 */
export function smallestShare(
  rates: readonly RateLimit[],
  sources: readonly string[],
  readers: (limit: RateLimit) => number,
): ReadingShare | undefined {
  const shares = ratesOf(rates, sources).map((limit) => toShare(limit, readers(limit)));
  return shares.toSorted((a, b) => a.bytesPerSecond - b.bytesPerSecond)[0];
}

/**
 * Limits one run's reads to its share of its sources' limits: all runs in progress that read from a source share it equally. All streams of the run use the
 * same share.
 */
export class ReadingPace {
  readonly #limited: readonly Limited[];
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #waiting = 0;
  #waitingSinceMs = 0;
  #heldMs = 0;
  #slowest: ReadingShare | undefined;
  #readers = new Map<RateLimit, number>();

  /** @param rates only those that apply to a source of the run are used. */
  constructor(rates: readonly RateLimit[], clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    this.#limited = rates.map((limit) => ({
      limit,
      bucket: new TokenBucket(limit.bytesPerSecond, () => clock.monotonicMs()),
    }));
  }

  /** Divides the limits among the runs in progress, including this one. */
  divide(running: readonly CountedRun[]): void {
    for (const { limit, bucket } of this.#limited) {
      const readers = countReaders(running, limit.of);
      this.#readers.set(limit, readers);
      bucket.setRate(toShare(limit, readers).bytesPerSecond);
    }
  }

  /** The share of a run that reads from these sources; undefined: they have no limit. */
  shareOf(sources: readonly string[]): ReadingShare | undefined {
    return smallestShare(
      this.#limited.map(({ limit }) => limit),
      sources,
      (limit) => this.#readers.get(limit) ?? 1,
    );
  }

  /** How long reads have been throttled so far; undefined: not at all. */
  get held(): HeldReading | undefined {
    const ms = this.#heldMs + (this.#waiting > 0 ? this.#clock.monotonicMs() - this.#waitingSinceMs : 0);
    return this.#slowest && ms >= 1 ? { ...this.#slowest, ms: Math.round(ms) } : undefined;
  }

  /** @returns the source, throttled if it has a limit. */
  apply(source: BackupSource): BackupSource {
    const limited = this.#limited.filter(({ limit }) => readsBelow({ readsFrom: [source.description] }, limit.of));
    if (limited.length === 0) return source;
    const pace: Pace = {
      take: (bytes) => {
        const waits = limited.map((one) => ({ one, waitMs: one.bucket.take(bytes) }));
        const longest = waits.reduce((most, next) => (next.waitMs > most.waitMs ? next : most));
        if (longest.waitMs > 0) this.#note(longest.one.limit);
        return longest.waitMs;
      },
      onWait: (change) => this.#count(change),
    };
    return pacedSource(source, pace);
  }

  #note(limit: RateLimit): void {
    const share = toShare(limit, this.#readers.get(limit) ?? 1);
    if (!this.#slowest || share.bytesPerSecond < this.#slowest.bytesPerSecond) this.#slowest = share;
  }

  #count(change: 1 | -1): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#waiting > 0) this.#heldMs += nowMs - this.#waitingSinceMs;
    this.#waiting += change;
    this.#waitingSinceMs = nowMs;
  }
}

function toShare({ of, bytesPerSecond }: RateLimit, readers: number): ReadingShare {
  const share = Math.max(MIN_SHARE, bytesPerSecond / Math.max(1, readers));
  return { of, limitBytesPerSecond: bytesPerSecond, bytesPerSecond: Math.min(bytesPerSecond, Math.round(share)) };
}
