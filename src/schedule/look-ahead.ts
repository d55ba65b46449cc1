import { formatWallTime } from '../support/instants.ts';
import { formatDuration } from '../support/quantities.ts';
import { formatOffset, toWallMs } from './time-zone.ts';
import { type Due, dueBetween, isMovedByClocks, nextStart, type Timetable } from './timetable.ts';

/** An upcoming run, human-readable. */
export interface Coming {
  readonly due: Due;
  /** `Tue 3 Nov 2026, 03:30`, with seconds where there are any: the wall clock of the drill's zone. */
  readonly when: string;
  /** `Europe/Berlin +01:00`; the offset distinguishes the two passes of a repeated hour. */
  readonly zone: string;
  /** Why it does not run, or not at the time in the expression; empty if neither applies. */
  readonly note: string;
}

export interface LookAhead {
  /** Up to the given instant and limit, in order. */
  readonly coming: readonly Coming[];
  /** The first run that will start, if none in `coming` does; undefined: one does, or none was found at all. */
  readonly first: Coming | undefined;
  /** How many more runs the period has. */
  readonly moreCount: number;
}

/** The upcoming runs of a schedule after `from` and up to `until`. */
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
    when: `${day} ${formatWallTime(wallMs)}`,
    zone: zone.name === 'UTC' ? zone.name : `${zone.name} ${formatOffset(zone, due.at.getTime())}`,
    note: [due.blocked?.reason, explainClocks(timetable, due), explainJitter(due)].filter(Boolean).join('; '),
  };
}

function explainClocks(timetable: Timetable, due: Due): string | undefined {
  return isMovedByClocks(timetable, due) ? 'clocks go forward: that time does not exist on that day' : undefined;
}

function explainJitter({ at, dueAt }: Due): string | undefined {
  const jitterMs = at.getTime() - dueAt.getTime();
  return jitterMs === 0 ? undefined : `${formatDuration(jitterMs)} of jitter`;
}
