import { seriesMatch } from './series-match.ts';

export interface NameLimits {
  /** Of one folder and one ending, so many names that occur once are told apart. */
  readonly singles: number;
  /** So many series altogether. */
  readonly series: number;
  /** So many folders whose series are joined once there are too many. */
  readonly folders: number;
}

const LIMITS: NameLimits = { singles: 1000, series: 20_000, folders: 200 };
const MAX_ENDING = 12;

export interface SeriesName {
  /** A glob that the name matches. */
  readonly match: string;
  /** Series that are part of this one from now on. */
  readonly merges: readonly string[];
}

/**
 * Finds the series of names, and keeps their number bounded. Thousands of uploads with random names are not thousands of series: from some number on,
 * those of one folder and one ending that occur once are joined (`uploads/*.jpg`), and beyond a number of series those below one folder of the first level.
 */
export class SeriesNames {
  readonly #limits: NameLimits;
  readonly #known = new Set<string>();
  /** Those that were seen once, by folder and ending. */
  readonly #singles = new Map<string, Set<string>>();
  readonly #joined = new Set<string>();
  readonly #folders = new Set<string>();

  constructor(limits: NameLimits = LIMITS) {
    this.#limits = limits;
  }

  /** To be called once for each name that is listed. */
  find(name: string): SeriesName {
    const match = seriesMatch(name);
    const group = groupOf(match);
    if (this.#known.has(match)) {
      this.#singles.get(group)?.delete(match);
      return { match, merges: [] };
    }
    if (this.#joined.has(group)) return { match: group, merges: [] };
    const singles = this.#singles.get(group);
    if (singles && singles.size >= this.#limits.singles) {
      for (const one of singles) this.#known.delete(one);
      this.#singles.delete(group);
      this.#joined.add(group);
      return { match: group, merges: [...singles] };
    }
    if (this.#known.size >= this.#limits.series) return { match: this.#folderOf(match), merges: [] };
    this.#learn(match, group, 1);
    return { match, merges: [] };
  }

  /** As {@link find}, of a name that was found before. */
  matchOf(name: string): string {
    const match = seriesMatch(name);
    if (this.#known.has(match)) return match;
    const group = groupOf(match);
    return this.#joined.has(group) ? group : this.#folderOf(match);
  }

  /** Whether names that are not alike were joined in a series. */
  isJoined(match: string): boolean {
    return this.#joined.has(match) || this.#folders.has(match) || match === '**';
  }

  /** Makes a series known that was found before. */
  restore(match: string, count: number, isJoined: boolean): void {
    if (!isJoined) this.#learn(match, groupOf(match), count);
    else if (match.endsWith('**')) this.#folders.add(match);
    else this.#joined.add(match);
  }

  #learn(match: string, group: string, count: number): void {
    this.#known.add(match);
    if (count > 1) return;
    const singles = this.#singles.get(group);
    if (singles) singles.add(match);
    else this.#singles.set(group, new Set([match]));
  }

  #folderOf(match: string): string {
    const folder = `${match.includes('/') ? match.slice(0, match.indexOf('/') + 1) : ''}**`;
    if (this.#folders.has(folder)) return folder;
    if (this.#folders.size >= this.#limits.folders) return '**';
    this.#folders.add(folder);
    return folder;
  }
}

/** What random names have in common: `uploads/3fa9.jpg` → `uploads/*.jpg` */
export function groupOf(match: string): string {
  const folder = match.slice(0, match.lastIndexOf('/') + 1);
  const ending = /(?<=[^/])(?:\.[A-Za-z][A-Za-z\d]*){1,2}$/.exec(match.slice(folder.length))?.[0] ?? '';
  return `${folder}*${ending.length <= MAX_ENDING ? ending : ''}`;
}
