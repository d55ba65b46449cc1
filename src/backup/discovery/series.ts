import type { DirectoryLayout } from '../directory-layout.ts';
import { type Candidate, findCandidates } from '../selection/candidates.ts';
import { dateByName } from '../selection/date-candidate.ts';
import { joinTabFiles } from '../selection/tab-files.ts';
import type { ListingFold } from './listing-fold.ts';
import { seriesMatch } from './series-match.ts';

/** Backups that differ only in the dates and counters of their names. */
export interface Series {
  /** A glob that matches all its names, usable as `backup.match`. */
  readonly match: string;
  readonly count: number;
  /** The newest members that were kept in memory, newest first. */
  readonly members: readonly Candidate[];
  readonly newest: Candidate;
  readonly newestAt: Date;
  /** The median time between two backups; undefined for fewer than three. */
  readonly intervalMs: number | undefined;
  /** Whether the newest is older than three times the usual interval. */
  readonly isStopped: boolean;
  /** Whether it joins dissimilar names, because there are too many to keep apart. */
  readonly isJoined: boolean;
  /** Whether the newest backup has more objects than are kept. */
  readonly isCut: boolean;
}

const STOPPED_AFTER_INTERVALS = 3;
const MIN_BACKUPS = 3;

/** Groups the listed objects into series of backups, ordered by glob. Names without a date get the time at which they were stored. */
export function groupSeries(
  fold: ListingFold,
  {
    prefix,
    layouts,
    now,
  }: { readonly prefix: string; readonly layouts: readonly DirectoryLayout[]; readonly now: Date },
): Series[] {
  const { matched } = findCandidates(fold.objects, { prefix, match: '**', layouts });
  const groups = Map.groupBy(joinTabFiles(matched, prefix), (candidate) => matchOf(candidate, fold));
  return [...groups]
    .filter(([match]) => !isLatestOf(match, groups))
    .map(([match, members]) => toSeries(match, members, fold, now))
    .sort((a, b) => (a.match < b.match ? -1 : 1));
}

/** `latest/orders.sql.gz` next to folders by date is a link to one of them, or a copy, and no backups of its own. */
function isLatestOf(match: string, groups: ReadonlyMap<string, unknown>): boolean {
  const dated = match.replace(/(^|\/)(?:latest|current|newest|last)\//i, '$1*/');
  return dated !== match && groups.has(dated);
}

function matchOf({ kind, key, name, aliases }: Candidate, fold: ListingFold): string {
  // The closing `*` of a split file stands for its parts.
  if (aliases !== undefined) return `${seriesMatch(name.replace(/\*$/, ''))}*`;
  return (kind === 'object' ? fold.sketchOf(key)?.match : undefined) ?? (seriesMatch(name) || '*');
}

function toSeries(match: string, members: readonly Candidate[], fold: ListingFold, now: Date): Series {
  const dated = members
    .map((candidate) => ({ candidate, at: dateByName(candidate, 'UTC', now)?.takenAt ?? candidate.modifiedAt }))
    .sort((a, b) => b.at.getTime() - a.at.getTime());
  const [newest] = dated;
  if (!newest) throw new RangeError('a series has at least one backup');
  const gaps = dated
    .flatMap(({ at }, index) => {
      const older = dated[index + 1];
      return older ? [at.getTime() - older.at.getTime()] : [];
    })
    .sort((a, b) => a - b);
  const intervalMs = dated.length < MIN_BACKUPS ? undefined : gaps[Math.floor(gaps.length / 2)];
  const ageMs = now.getTime() - newest.at.getTime();
  return {
    match,
    count: members.length + countDropped(members, fold),
    members: dated.map(({ candidate }) => candidate),
    newest: newest.candidate,
    newestAt: newest.at,
    intervalMs,
    isStopped: intervalMs !== undefined && intervalMs > 0 && ageMs > STOPPED_AFTER_INTERVALS * intervalMs,
    isJoined: newest.candidate.kind === 'object' && fold.sketchOf(newest.candidate.key)?.isJoined === true,
    isCut: newest.candidate.objects.length > 1 && fold.isCut(newest.candidate.objects),
  };
}

/** @returns how many older backups were dropped. A backup of several objects is represented by one of them. */
function countDropped(members: readonly Candidate[], fold: ListingFold): number {
  const [first] = members;
  const mark = first?.mark ?? first?.objects[0]?.key;
  const sketch = mark === undefined ? undefined : fold.sketchOf(mark);
  if (!sketch) return 0;
  const held = new Set(sketch.kept.map(({ object }) => object));
  const ofMembers = members.flatMap(({ objects }) => objects).filter((object) => held.has(object)).length;
  return Math.round(((sketch.count - held.size) * members.length) / Math.max(1, ofMembers));
}
