import { firstInstantMs, openTimeZone } from '../../schedule/time-zone.ts';
import { DAY_MS } from '../../schedule/wall-clock.ts';
import { formatDuration } from '../../support/quantities.ts';
import type { Backup } from '../source.ts';
import type { Candidate } from './candidates.ts';
import { type NameDate, readNameDate } from './taken-at-in-name.ts';

export interface CandidateDate {
  readonly takenAt: Date;
  readonly from: Backup['takenAtFrom'];
  /** Human-readable reason why the date is not from the requested source. */
  readonly note?: string;
}

/** Accepted clock difference between a backup job and the store. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** Further ahead than any zone or clock skew explains. */
const FUTURE_MS = DAY_MS;

/**
 * When a candidate was taken, according to its name. When the name is ambiguous, or claims an instant after the store received the backup, returns the time at
 * which the store received it, with a note.
 * @param timezone zone of times without an offset.
 * @returns undefined when the name contains no date.
 */
export function dateByName(
  candidate: Pick<Candidate, 'name' | 'modifiedAt'>,
  timezone: string,
  now: Date,
): CandidateDate | undefined {
  const { name, modifiedAt } = candidate;
  const date = readNameDate(name);
  if (!date) return undefined;
  const stored = { takenAt: modifiedAt, from: 'modified' } as const;
  const used = 'the time at which it was stored is used';
  if (date.kind === 'ambiguous-day') {
    const readings = date.readings.map((dayMs) => formatDay(dayMs)).join(' or ');
    return { ...stored, note: `${name}: the date ${date.text} is ambiguous (${readings}); ${used}` };
  }
  if (date.kind === 'unclear-time') {
    const startMs = toInstant(date.dayMs, timezone);
    const endMs = toInstant(date.dayMs + DAY_MS, timezone) - 1000;
    const takenAt = new Date(Math.min(modifiedAt.getTime(), Math.max(startMs, endMs)));
    return {
      takenAt,
      from: 'modified',
      note: `${name}: "${date.text}" beside the date may be a time, and is not understood; ${used}`,
    };
  }
  const at = instantOf(date, timezone);
  const aheadMs = at.getTime() - modifiedAt.getTime();
  if (aheadMs <= CLOCK_SKEW_MS || at.getTime() > now.getTime() + FUTURE_MS) return { takenAt: at, from: 'name' };
  const zone = date.kind === 'wall' ? `; if names are in local time, set \`backup.timezone\` (now ${timezone})` : '';
  return {
    ...stored,
    note: `${name} has a date ${formatDuration(aheadMs)} later than when it was stored; ${used}${zone}`,
  };
}

/** The instant in a name; undefined when it has none, or is ambiguous. `isDay`: the name has only a day. */
export function clearInstantOf(
  name: string,
  timezone: string,
): { readonly at: Date; readonly isDay: boolean } | undefined {
  const date = readNameDate(name);
  if (date?.kind !== 'instant' && date?.kind !== 'wall') return undefined;
  return { at: instantOf(date, timezone), isDay: date.isDay };
}

function instantOf(date: Extract<NameDate, { kind: 'instant' | 'wall' }>, timezone: string): Date {
  return date.kind === 'instant' ? date.at : new Date(toInstant(date.wallMs, timezone));
}

function toInstant(wallMs: number, timezone: string): number {
  return timezone === 'UTC' ? wallMs : firstInstantMs(openTimeZone(timezone), wallMs);
}

function formatDay(dayMs: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(dayMs);
}
