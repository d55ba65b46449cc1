import { relative, resolve } from 'node:path';
import { dateByName } from '../../backup/selection/date-candidate.ts';
import { partsInRepository } from '../../engines/repository-root.ts';
import type { SeriesFinding } from '../../record/discovery-store.ts';
import { narrowSource } from './series-source.ts';

const HOUR_MS = 3_600_000;

/** The location of a drill file to be written. Both paths are absolute. */
export interface DraftPlace {
  readonly directory: string;
  readonly cwd: string;
}

/**
 * `backup:` of a drill for a series.
 * @param url of the listed location, as written.
 * @param keys of its source besides the URL, as in a drill file.
 */
export function backupOfSeries(
  { match, newest, newestAt }: Pick<SeriesFinding, 'match' | 'newest' | 'newestAt'>,
  { url, keys, now, ...place }: DraftPlace & { url: string; keys: Readonly<Record<string, unknown>>; now: Date },
): Record<string, unknown> {
  const narrow = narrowSource(url, match, partsInRepository(newest));
  const isDated = dateByName({ name: newest, modifiedAt: newestAt }, 'UTC', now)?.from === 'name';
  return {
    source: sourceForDrill(narrow.url, keys, place),
    match: narrow.match,
    ...(isDated ? { takenAt: 'name' } : {}),
  };
}

/** `backup.source` of a drill: just the URL if there are no other keys. */
export function sourceForDrill(
  url: string,
  keys: Readonly<Record<string, unknown>>,
  { directory, cwd }: DraftPlace,
): unknown {
  const written = urlForDrill(url, directory, cwd);
  return Object.keys(keys).length === 0 ? written : { ...keys, url: written };
}

/** A directory given relative to the shell, or discovered, is written relative to the drill file if it is near. */
function urlForDrill(url: string, directory: string, cwd: string): string {
  if (!/^(?:\/|\.\.?(?:\/|$))/.test(url)) return url;
  const path = relative(directory, resolve(cwd, url));
  const isNear = !relative(cwd, resolve(cwd, url)).startsWith('..');
  if (!isNear) return resolve(cwd, url);
  return path.startsWith('..') ? path : `./${path}`;
}

/** With a margin for a backup that takes longer than usual. undefined: too few backups to know their interval. */
export function rpoOfSeries({ intervalMs }: Pick<SeriesFinding, 'intervalMs'>): string | undefined {
  if (intervalMs === undefined || intervalMs <= 0) return undefined;
  return `${Math.ceil(intervalMs / HOUR_MS) + 2}h`;
}
