import { formatDuration } from '../support/quantities.ts';
import { formatOffset, toWallMs } from './time-zone.ts';
import { type Due, dueBetween, isMovedByClocks, nextStart, type Timetable } from './timetable.ts';
import { formatWall } from './wall-clock.ts';

/** A run that a schedule asks for, as people read it. */
export interface Coming {
  readonly due: Due;
  /** `Tue 2026-11-03 03:30`, with seconds where there are any: the wall clock of the drill's zone. */
  readonly when: string;
  /** `Europe/Berlin +01:00`: an hour that exists twice is told apart by it. */
  readonly zone: string;
  /** Why it does not run, or not at the time that the expression says; empty when all is plain. */
  readonly note: string;
}

export interface LookAhead {
  /** Until the given instant, at most as many as asked for, in order. */
  readonly coming: readonly Coming[];
  /** The first that does start, when none of `coming` does: until then or after it; undefined: one does, or none was found at all. */
  readonly first: Coming | undefined;
  /** How many more there are until then. */
  readonly moreCount: number;
}

/** What a drill's schedule asks for after `from` and not after `until`. */
export function lookAhead(timetable: Timetable, from: Date, until: Date, limit: number): LookAhead {
  const coming: Coming[] = [];
  let first: Due | undefined;
  let starts = false;
  let moreCount = 0;
  for (const due of dueBetween(timetable, from, until)) {
    if (coming.length < limit) {
      coming.push(describe(timetable, due));
      starts ||= !due.blocked;
    } else if (!starts && !first && !due.blocked) first = due;
    else moreCount += 1;
  }
  if (!starts) first ??= nextStart(timetable, until);
  return { coming, first: first && describe(timetable, first), moreCount };
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function describe(timetable: Timetable, due: Due): Coming {
  const { zone } = timetable;
  const wallMs = toWallMs(zone, due.at.getTime());
  const day = WEEKDAYS[new Date(wallMs).getUTCDay()] ?? '';
  return {
    due,
    when: `${day} ${formatWall(wallMs)}`,
    zone: zone.name === 'UTC' ? zone.name : `${zone.name} ${formatOffset(zone, due.at.getTime())}`,
    note: [due.blocked?.reason, explainClocks(timetable, due), explainJitter(due)].filter(Boolean).join('; '),
  };
}

function explainClocks(timetable: Timetable, due: Due): string | undefined {
  return isMovedByClocks(timetable, due) ? 'clocks go forward: its time does not exist on that day' : undefined;
}

function explainJitter({ at, dueAt }: Due): string | undefined {
  const jitterMs = at.getTime() - dueAt.getTime();
  return jitterMs === 0 ? undefined : `${formatDuration(jitterMs)} of jitter`;
}
