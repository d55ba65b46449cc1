import { formatWallTime } from '../support/instants.ts';
import { formatAge } from '../support/quantities.ts';
import { toWallMs } from './time-zone.ts';
import { type Due, dueBetween, nextDue, type Timetable } from './timetable.ts';
import { findBlock } from './windows.ts';

/** What a drill's schedule requires at an instant. */
export interface Decision {
  /** The run to start now. */
  readonly start: { readonly due: Due; readonly why: string } | undefined;
  /** A missed run that is caught up when the block ends. */
  readonly waiting: { readonly due: Due; readonly until: Date; readonly why: string } | undefined;
  /** Runs that were due since the last decision and do not take place. */
  readonly skipped: readonly Skipped[];
  /** Everything up to this instant has been decided; pass it as `lastFired` of the next call. Store it, so that it survives a restart. */
  readonly handledUntil: Date;
  /** Nothing changes before this instant. */
  readonly recheckAt: Date;
}

/** Runs that are skipped, of one kind and for one reason. */
export interface Skipped {
  /** `superseded`: missed, and one run replaces all of them. */
  readonly kind: 'freeze' | 'window' | 'missed' | 'superseded';
  readonly reason: string;
  readonly count: number;
  /** When the first and the last of them would have started. */
  readonly first: Date;
  readonly last: Date;
}

/** A run that starts within this time is on time. It covers one check of all schedules and a wait in the queue. */
const DEFAULT_GRACE_MS = 60_000;

/**
 * Decides what to run now, what was missed since, and why it is skipped.
 *
 * Starts the newest run that was due and not blocked, if it is on time or `missed: run-once` asks to catch up; only one run, however many were missed. A run
 * that is caught up waits for the end of a window or freeze; one that was on time does not. A run that was blocked when it was due is never caught up.
 *
 * @param lastFired `handledUntil` of the previous decision; undefined for a new drill or a new schedule, which has missed nothing.
 */
export function decide(
  timetable: Timetable,
  lastFired: Date | undefined,
  now: Date,
  graceMs: number = DEFAULT_GRACE_MS,
): Decision {
  if (!lastFired || lastFired >= now) return settle(timetable, lastFired ?? now, now, []);
  const { newest, older, blocked, blockedSince } = lookBack(timetable, lastFired, now);
  if (!newest) return settle(timetable, now, now, blockedSince.list());
  const catchesUp = timetable.schedule.missed === 'run-once';
  const shown = formatWallTime(toWallMs(timetable.zone, newest.at.getTime()));
  const skips = new Skips();
  skips.take(blocked);
  if (catchesUp) skips.addAll('superseded', `missed; superseded by the run of ${shown}`, older);
  else skips.addAll('missed', NOT_CAUGHT_UP, older);

  const lateMs = now.getTime() - newest.at.getTime();
  const isLate = lateMs > graceMs;
  const hold = isLate && catchesUp ? findBlock(timetable, now.getTime()) : undefined;
  if (hold) {
    // Stop just before this run, so that the next decision finds it again and reports what was blocked since.
    const decision = settle(timetable, new Date(newest.at.getTime() - 1), now, skips.list());
    const why = `missed ${formatAge(lateMs)} ago; ${hold.reason}`;
    const recheckAt = hold.until < decision.recheckAt ? hold.until : decision.recheckAt;
    return { ...decision, waiting: { due: newest, until: hold.until, why }, recheckAt };
  }
  if (isLate && !catchesUp) skips.addAll('missed', NOT_CAUGHT_UP, spanOf(newest));
  skips.take(blockedSince);
  const decision = settle(timetable, now, now, skips.list());
  if (isLate && !catchesUp) return decision;
  const more = older ? `, and ${older.count} more before it` : '';
  const why = isLate ? `missed ${formatAge(lateMs)} ago${more}; this run catches up` : `due at ${shown}`;
  return { ...decision, start: { due: newest, why } };
}

const NOT_CAUGHT_UP = 'missed; not caught up';

/** Several runs as one, because there may be very many. */
type Span = Pick<Skipped, 'count' | 'first' | 'last'>;

interface Past {
  /** The newest run that nothing blocked. */
  readonly newest: Due | undefined;
  /** Earlier runs that nothing blocked. */
  readonly older: Span | undefined;
  /** Runs blocked before the newest unblocked one; `blockedSince` has those after it. */
  readonly blocked: Skips;
  readonly blockedSince: Skips;
}

function lookBack(timetable: Timetable, lastFired: Date, now: Date): Past {
  let newest: Due | undefined;
  let older: Span | undefined;
  const blocked = new Skips();
  const blockedSince = new Skips();
  for (const due of dueBetween(timetable, lastFired, now)) {
    if (due.blocked) {
      blockedSince.addAll(due.blocked.kind, due.blocked.reason, spanOf(due));
      continue;
    }
    if (newest) older = join(older, spanOf(newest));
    newest = due;
    blocked.take(blockedSince);
  }
  return { newest, older, blocked, blockedSince };
}

function settle(timetable: Timetable, handledUntil: Date, now: Date, skipped: readonly Skipped[]): Decision {
  const recheckAt = nextDue(timetable, handledUntil > now ? handledUntil : now).at;
  return { start: undefined, waiting: undefined, skipped, handledUntil, recheckAt };
}

function spanOf({ at }: Due): Span {
  return { count: 1, first: at, last: at };
}

function join(before: Span | undefined, after: Span): Span {
  return before ? { count: before.count + after.count, first: before.first, last: after.last } : after;
}

/** Skipped runs, grouped by kind and reason. */
class Skips {
  readonly #byReason = new Map<string, Skipped>();

  addAll(kind: Skipped['kind'], reason: string, span: Span | undefined): void {
    if (!span) return;
    const key = `${kind} ${reason}`;
    this.#byReason.set(key, { kind, reason, ...join(this.#byReason.get(key), span) });
  }

  /** Adds everything from another list. */
  take(other: Skips): void {
    for (const { kind, reason, ...span } of other.list()) this.addAll(kind, reason, span);
    other.#byReason.clear();
  }

  /** Sorted by first run. */
  list(): Skipped[] {
    return [...this.#byReason.values()].sort((a, b) => a.first.getTime() - b.first.getTime());
  }
}
