import type { ArchivedSegment, LogPlan } from './plan-log.ts';
import { segmentNumberAt } from './segment-name.ts';

/** Minimum number of segments ahead of the server, however little space there is: with less, recovery would fail anyway. */
export const MIN_SEGMENTS_AHEAD = 16;
/** Number of replayed segments to keep: the server requests the last one again, and its last commits are searched for in them. */
const KEPT = 16;
/** The share of free space that the log may use while the backup, which needs most of it, is still being unpacked. */
const SHARE_AT_FIRST = 1 / 16;
const SHARE = 1 / 2;

/** Limits how much of a log may be fetched ahead of the server that replays it, depending on free space. */
export class LogRoom {
  readonly #segmentBytes: number;
  readonly #segments: readonly ArchivedSegment[];
  /** Index of each segment in the log. */
  readonly #places: ReadonlyMap<string, number>;
  /** How many segments of the log may be fetched. */
  #allowed = MIN_SEGMENTS_AHEAD;
  /** How many of them may be ahead of the one that the server is waiting for. */
  #ahead = MIN_SEGMENTS_AHEAD;
  /** How many of them have been replayed, and how many of those were released for removal. */
  #replayed = 0;
  #spent = 0;
  #changed = Promise.withResolvers<void>();

  constructor({ segments }: LogPlan, segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
    this.#segments = segments;
    this.#places = new Map(segments.map(({ name }, index) => [name, index]));
  }

  /** Sets the limit before the backup is unpacked. @param freeBytes undefined if unknown: no limit. */
  limit(freeBytes: number | undefined): void {
    this.#allow(this.#fitting(freeBytes, SHARE_AT_FIRST));
  }

  /** Raises the limit once the backup is unpacked, on top of what was fetched until now. */
  widen(freeBytes: number | undefined): void {
    this.#ahead = this.#fitting(freeBytes, SHARE);
    this.#allow(this.#allowed + this.#ahead);
  }

  lift(): void {
    this.#allow(Number.POSITIVE_INFINITY);
  }

  /** The server waits for this segment. Its first request is for a later one, where its checkpoint is. */
  waitsFor(name: string): void {
    const place = this.#places.get(name);
    if (place !== undefined) this.#allow(place + this.#ahead);
  }

  /** @param lsn how far the server has replayed. */
  replayedTo(lsn: string): void {
    const number = segmentNumberAt(lsn, this.#segmentBytes);
    while ((this.#segments[this.#replayed]?.number ?? number) < number) this.#replayed += 1;
    this.#allow(this.#replayed + this.#ahead);
  }

  /** @returns the names of segments that may be removed to make room, each once; empty if the whole log may stay. */
  takeSpent(): readonly string[] {
    if (this.#allowed >= this.#segments.length) return [];
    const until = Math.max(this.#spent, this.#replayed - KEPT);
    const spent = this.#segments.slice(this.#spent, until);
    this.#spent = until;
    return spent.map(({ name }) => name);
  }

  /** Resolves when the segment may be fetched. */
  async for({ name }: ArchivedSegment): Promise<void> {
    const place = this.#places.get(name) ?? 0;
    while (place >= this.#allowed) await this.#changed.promise;
  }

  #fitting(freeBytes: number | undefined, share: number): number {
    if (freeBytes === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(MIN_SEGMENTS_AHEAD, Math.floor((freeBytes * share) / this.#segmentBytes));
  }

  #allow(segments: number): void {
    if (segments <= this.#allowed) return;
    this.#allowed = segments;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
