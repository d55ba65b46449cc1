import type { Candidate } from '../selection/candidates.ts';
import { dateByName } from '../selection/date-candidate.ts';
import { findDates } from '../selection/dates-in-name.ts';

/** Backups that differ only in the dates and counters of their names. */
export interface Series {
  /** A glob, as `backup.match`, that all names match. */
  readonly match: string;
  readonly count: number;
  readonly newest: Candidate;
  readonly newestAt: Date;
  /** The median time between two backups; undefined with fewer than three. */
  readonly intervalMs: number | undefined;
  /** Whether the newest is older than three times the usual interval. */
  readonly isStopped: boolean;
}

const STOPPED_AFTER_INTERVALS = 3;
const MIN_BACKUPS = 3;
const DATE = '\0';

/** Groups candidates into series, ordered by their glob. Names without a date are dated by when they were stored. */
export function groupSeries(candidates: readonly Candidate[], now: Date): Series[] {
  const groups = Map.groupBy(candidates, ({ name, aliases }) =>
    // The closing `*` of a split file stands for its parts.
    aliases === undefined ? seriesMatch(name) : `${seriesMatch(name.replace(/\*$/, ''))}*`,
  );
  return [...groups]
    .map(([match, members]) => toSeries(match, members, now))
    .sort((a, b) => (a.match < b.match ? -1 : 1));
}

/** @returns the glob of the series that a name belongs to: `orders-2026-11-20T0315Z.dump` → `orders-*.dump`. Digits after a letter (`db2`) stay. */
export function seriesMatch(name: string): string {
  let text = name.replaceAll(DATE, '?').replace(/\/$/, '');
  for (const { start, end } of findDates(text).toReversed()) {
    const folders = text.slice(start, end).split('/').length;
    text = text.slice(0, start) + Array(folders).fill(DATE).join('/') + text.slice(end);
  }
  return text
    .replaceAll(/\0(?:[Tt]?[\d:_.@ hms-]*\d[hms]?(?:Z(?![A-Za-z]))?)/g, DATE)
    .replaceAll(/(?<![A-Za-z\d])\d+(?![A-Za-z])/g, DATE)
    .replaceAll(/[\\*?[\](){}!+@|]/g, '\\$&')
    .replaceAll(/\0+/g, '*');
}

function toSeries(match: string, members: readonly Candidate[], now: Date): Series {
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
    count: members.length,
    newest: newest.candidate,
    newestAt: newest.at,
    intervalMs,
    isStopped: intervalMs !== undefined && intervalMs > 0 && ageMs > STOPPED_AFTER_INTERVALS * intervalMs,
  };
}
