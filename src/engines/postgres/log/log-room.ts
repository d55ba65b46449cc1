import type { ArchivedSegment, LogPlan } from './plan-log.ts';
import { segmentNumberAt } from './segment-name.ts';

/** So many segments lie ahead of the server at the least, however little room there is: less would not be recovered with that anyway. */
export const MIN_SEGMENTS_AHEAD = 16;
/** So many that have been replayed are kept: the server asks for the last one again, and its last commits are looked for in them. */
const KEPT = 16;
/** The share of what is free that the log may take while the backup is still unpacked, which needs most of it. */
const SHARE_AT_FIRST = 1 / 16;
const SHARE = 1 / 2;

/** How much of a log may lie ahead of the server that replays it, by the room there is. */
export class LogRoom {
  readonly #segmentBytes: number;
  readonly #segments: readonly ArchivedSegment[];
  /** Where in the log each segment is. */
  readonly #places: ReadonlyMap<string, number>;
  /** How many segments of the log may be fetched. */
  #allowed = MIN_SEGMENTS_AHEAD;
  /** How many of them may lie ahead of what the server waits for. */
  #ahead = MIN_SEGMENTS_AHEAD;
  /** How many of them have been replayed, and how many of those have been given up. */
  #replayed = 0;
  #spent = 0;
  #changed = Promise.withResolvers<void>();

  constructor({ segments }: LogPlan, segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
    this.#segments = segments;
    this.#places = new Map(segments.map(({ name }, index) => [name, index]));
  }

  /** Before the backup is unpacked. @param freeBytes undefined where that is not known: no limit. */
  limit(freeBytes: number | undefined): void {
    this.#allow(this.#fitting(freeBytes, SHARE_AT_FIRST));
  }

  /** Once it is unpacked, with what has been fetched until now. */
  widen(freeBytes: number | undefined): void {
    this.#ahead = this.#fitting(freeBytes, SHARE);
    this.#allow(this.#allowed + this.#ahead);
  }

  lift(): void {
    this.#allow(Number.POSITIVE_INFINITY);
  }

  /** The server waits for this segment. It begins with one further on, where its checkpoint is. */
  waitsFor(name: string): void {
    const place = this.#places.get(name);
    if (place !== undefined) this.#allow(place + this.#ahead);
  }

  /** @param lsn what has been replayed so far. */
  replayedTo(lsn: string): void {
    const number = segmentNumberAt(lsn, this.#segmentBytes);
    while ((this.#segments[this.#replayed]?.number ?? number) < number) this.#replayed += 1;
    this.#allow(this.#replayed + this.#ahead);
  }

  /** @returns the names of segments that may be removed to make room, each once; none where all of the log may be there. */
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
