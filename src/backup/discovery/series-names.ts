import { seriesMatch } from './series-match.ts';

export interface NameLimits {
  /** Names that occur once, kept apart per folder and extension. */
  readonly singles: number;
  /** Series in total. */
  readonly series: number;
  /** Folders whose series are joined once there are too many. */
  readonly folders: number;
}

const LIMITS: NameLimits = { singles: 1000, series: 20_000, folders: 200 };
const MAX_ENDING = 12;

export interface SeriesName {
  /** A glob that the name matches. */
  readonly match: string;
  /** Series that are merged into this one from now on. */
  readonly merges: readonly string[];
}

/**
 * Maps names to series, and bounds the number of series. Thousands of uploads with random names are not thousands of series: beyond a limit, names that occur
 * once are joined by folder and extension (`uploads/*.jpg`), and beyond a number of series, by top-level folder.
 */
export class SeriesNames {
  readonly #limits: NameLimits;
  readonly #known = new Set<string>();
  /** Series seen only once, by folder and extension. */
  readonly #singles = new Map<string, Set<string>>();
  readonly #joined = new Set<string>();
  readonly #folders = new Set<string>();

  constructor(limits: NameLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Call once for each listed name. */
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

  /** Like {@link find}, for a name that was already added. */
  matchOf(name: string): string {
    const match = seriesMatch(name);
    if (this.#known.has(match)) return match;
    const group = groupOf(match);
    return this.#joined.has(group) ? group : this.#folderOf(match);
  }

  /** Whether the series joins dissimilar names. */
  isJoined(match: string): boolean {
    return this.#joined.has(match) || this.#folders.has(match) || match === '**';
  }

  /** Restores a series that was found earlier. */
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

/** The common pattern of random names: `uploads/3fa9.jpg` → `uploads/*.jpg` */
export function groupOf(match: string): string {
  const folder = match.slice(0, match.lastIndexOf('/') + 1);
  const ending = /(?<=[^/])(?:\.[A-Za-z][A-Za-z\d]*){1,2}$/.exec(match.slice(folder.length))?.[0] ?? '';
  return `${folder}*${ending.length <= MAX_ENDING ? ending : ''}`;
}
