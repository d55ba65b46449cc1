import { dateByName } from '../selection/date-candidate.ts';
import type { StoredObject } from '../stored-object.ts';
import { SeriesNames } from './series-names.ts';

/** How much of a listing is kept in memory. */
export interface FoldLimits {
  /** Newest objects kept per series, at least. */
  readonly perSeries: number;
  /** Objects kept of the newest backup (which may be a directory or split), at most. */
  readonly perBackup: number;
  /** Objects kept across all series. Beyond this, the two limits above are halved. */
  readonly total: number;
}

const LIMITS: FoldLimits = { perSeries: 200, perBackup: 5000, total: 50_000 };
/** The parts of a backup are written within this time, or share a date in their names. */
const BACKUP_MS = 24 * 3_600_000;
/** Halving stops at these limits: a series needs its newest backups and the time between them. */
const LEAST = { perSeries: 6, perBackup: 50 };

/** What we know about a series: objects whose names differ only in dates and counters. */
export interface Sketch {
  readonly match: string;
  /** Whether it joins dissimilar names, because there were too many to keep apart. */
  readonly isJoined: boolean;
  /** Number of objects listed. */
  count: number;
  kept: Dated[];
  /** When the newest object that was dropped was taken, in epoch milliseconds. */
  droppedAtMs: number | undefined;
}

interface Dated {
  readonly object: StoredObject;
  readonly atMs: number;
}

type SavedObject = readonly [key: string, sizeBytes: number, modifiedMs: number, etag: string, storageClass?: string];

/** A fold's state, saved for a later process. Plain data. */
export interface SavedFold {
  readonly after: string | undefined;
  readonly count: number;
  readonly sketches: readonly {
    readonly match: string;
    readonly count: number;
    readonly isJoined: boolean;
    readonly droppedAtMs?: number | undefined;
    readonly kept: readonly SavedObject[];
  }[];
}

/**
 * Reads a listing of any length in bounded memory: counts the objects of each series and keeps the newest. Old backups matter only for the count; the newest
 * must be kept complete, because it is recognised by its content.
 */
export class ListingFold {
  /** Number of objects listed, without folder markers. */
  count = 0;
  /** The last key listed. */
  after: string | undefined;
  readonly #prefix: string;
  readonly #now: Date;
  readonly #names = new SeriesNames();
  readonly #sketches = new Map<string, Sketch>();
  #limits: FoldLimits;
  #held = 0;

  /** @param prefix common to all keys; names omit it. */
  constructor(prefix: string, now: Date, limits: FoldLimits = LIMITS) {
    this.#prefix = prefix;
    this.#now = now;
    this.#limits = limits;
  }

  /** @throws RangeError if `saved` was not written by an earlier fold of the same location. */
  static resume(prefix: string, now: Date, saved: SavedFold, limits: FoldLimits = LIMITS): ListingFold {
    const fold = new ListingFold(prefix, now, limits);
    for (const { match, count, isJoined, droppedAtMs, kept } of saved.sketches) {
      const objects = kept.map(([key, sizeBytes, modifiedMs, etag, storageClass]) => {
        const stored = { key, sizeBytes, modifiedAt: new Date(modifiedMs), etag };
        return storageClass === undefined ? stored : { ...stored, storageClass };
      });
      fold.#names.restore(match, count, isJoined);
      fold.#sketches.set(match, { match, isJoined, count, droppedAtMs, kept: objects.map((one) => fold.#date(one)) });
      fold.#held += kept.length;
    }
    fold.after = saved.after;
    fold.count = saved.count;
    return fold;
  }

  add(object: StoredObject): void {
    this.after = object.key;
    if (object.key.endsWith('/') && object.sizeBytes === 0) return;
    this.count += 1;
    const { match, merges } = this.#names.find(object.key.slice(this.#prefix.length));
    const sketch = this.#open(match);
    for (const other of merges) this.#merge(other, sketch);
    sketch.count += 1;
    sketch.kept.push(this.#date(object));
    this.#held += 1;
    if (sketch.kept.length > 2 * this.#limits.perSeries) this.#prune(sketch);
    if (this.#held > this.#limits.total) this.#tighten();
  }

  /** The objects kept. */
  get objects(): readonly StoredObject[] {
    return [...this.#sketches.values()].flatMap(({ kept }) => kept.map(({ object }) => object));
  }

  /** @returns the series that an object was counted in. */
  sketchOf(key: string): Sketch | undefined {
    return this.#sketches.get(this.#names.matchOf(key.slice(this.#prefix.length)));
  }

  /** @returns whether a backup of several objects may be missing some that were listed, because it has more than the limit. */
  isCut(objects: readonly StoredObject[]): boolean {
    const newestMs = Math.max(...objects.map((object) => this.#date(object).atMs));
    const sketches = new Set(objects.map(({ key }) => this.sketchOf(key)));
    return [...sketches].some((sketch) => (sketch?.droppedAtMs ?? Number.NEGATIVE_INFINITY) > newestMs - BACKUP_MS);
  }

  save(): SavedFold {
    const sketches = [...this.#sketches.values()].map(({ match, count, droppedAtMs, kept }) => ({
      match,
      count,
      isJoined: this.#names.isJoined(match),
      droppedAtMs,
      kept: kept.map(({ object }) => toSaved(object)),
    }));
    return { after: this.after, count: this.count, sketches };
  }

  #open(match: string): Sketch {
    const known = this.#sketches.get(match);
    if (known) return known;
    const sketch: Sketch = { match, isJoined: this.#names.isJoined(match), count: 0, kept: [], droppedAtMs: undefined };
    this.#sketches.set(match, sketch);
    return sketch;
  }

  #merge(match: string, into: Sketch): void {
    const sketch = this.#sketches.get(match);
    if (!sketch || sketch === into) return;
    this.#sketches.delete(match);
    into.count += sketch.count;
    into.kept.push(...sketch.kept);
  }

  /** Keeps the newest objects, and all of the newest backup. */
  #prune(sketch: Sketch): void {
    const { perSeries, perBackup } = this.#limits;
    const sorted = sketch.kept.toSorted((a, b) => b.atMs - a.atMs);
    const newestMs = sorted[0]?.atMs ?? 0;
    const ofNewest = sorted.findLastIndex(({ atMs }) => atMs > newestMs - BACKUP_MS) + 1;
    const length = Math.max(perSeries, Math.min(perBackup, ofNewest));
    const droppedAtMs = sorted[length]?.atMs;
    if (droppedAtMs === undefined) return;
    sketch.droppedAtMs = Math.max(droppedAtMs, sketch.droppedAtMs ?? Number.NEGATIVE_INFINITY);
    this.#held -= sorted.length - length;
    sketch.kept = sorted.slice(0, length);
  }

  #tighten(): void {
    const { perSeries, perBackup, total } = this.#limits;
    if (perSeries <= LEAST.perSeries && perBackup <= LEAST.perBackup) return;
    this.#limits = {
      perSeries: Math.max(LEAST.perSeries, perSeries >> 1),
      perBackup: Math.max(LEAST.perBackup, perBackup >> 1),
      total,
    };
    for (const sketch of this.#sketches.values()) this.#prune(sketch);
  }

  #date(object: StoredObject): Dated {
    const { key, modifiedAt } = object;
    const byName = dateByName({ name: key.slice(this.#prefix.length), modifiedAt }, 'UTC', this.#now);
    return { object, atMs: (byName?.takenAt ?? modifiedAt).getTime() };
  }
}

function toSaved({ key, sizeBytes, modifiedAt, etag, storageClass }: StoredObject): SavedObject {
  const saved = [key, sizeBytes, modifiedAt.getTime(), etag] as const;
  return storageClass === undefined ? saved : [...saved, storageClass];
}
