import { isDeepStrictEqual } from 'node:util';
import type { DrillState } from '../record/schedule-store.ts';
import { type Decision, decide } from '../schedule/decide.ts';
import { type CronSchedule, makeTimetable, nextDue, type Timetable } from '../schedule/timetable.ts';
import { DAY_MS } from '../schedule/wall-clock.ts';
import { Heap } from '../support/heap.ts';

/** A drill with scheduled times. A drill that only runs after new backups is not on the agenda. */
export interface ScheduledDrill {
  readonly name: string;
  readonly schedule: CronSchedule;
  /** From `scheduleHash` of schedule/. */
  readonly scheduleHash: string;
}

/** A drill for which something must be done or reported. */
export interface AgendaItem {
  readonly drill: ScheduledDrill;
  /** Everything due up to this time was settled earlier. */
  readonly since: Date;
  /** Starts a run, skips some, or waits for something new. */
  readonly decision: Decision;
}

export interface AgendaChange {
  /** Drills whose times are not stored yet. Store `since` as `handledUntil`, so that a restart finds what it missed since then. */
  readonly begun: readonly { readonly drill: ScheduledDrill; readonly since: Date }[];
  /** Held items that are no longer due: the drill was removed, or its times have changed. */
  readonly dropped: readonly AgendaItem[];
}

/** Maximum number of drills checked per call: a few milliseconds of work, except after days of downtime. */
const ASKED_AT_ONCE = 1000;

/**
 * Which runs the schedules of many drills ask for, and when to check next. A check costs time only for drills that are due.
 *
 * An item that starts or skips a run is held: its drill is not checked again until {@link settle} reports the outcome, no matter how long it stays in a queue
 * and what becomes due in the meantime. So nothing is decided twice, and nothing is lost when storing it fails.
 *
 * It reads no clock and does no I/O. Instants are those of the wall clock, which may jump both ways: a check at an earlier time finds nothing to do, and
 * nothing is repeated unless it was handled more than a day ahead. A timer does not notice such a jump, so check every minute even when `nextDueAt` is far
 * away.
 */
export class Agenda {
  readonly #entries = new Map<string, Entry>();
  readonly #times = new Heap<Entry>();
  #lastLook: Date | undefined;

  /** The number of drills. */
  get size(): number {
    return this.#entries.size;
  }

  /** When to check the next drill; in the past: check again at once. undefined: there are no drills, or all are held. */
  get nextDueAt(): Date | undefined {
    const first = this.#times.first;
    return first && new Date(first.atMs);
  }

  /**
   * Replaces the drills. A drill with unchanged times continues where it was, or where another process left off. A new one continues from its stored state; if
   * that has no such times, it starts at `now` and has missed nothing.
   * @param states by name.
   * @throws RangeError for a schedule that validation would have rejected; nothing is changed then.
   */
  set(drills: readonly ScheduledDrill[], states: ReadonlyMap<string, DrillState>, now: Date): AgendaChange {
    const next = drills.map((drill) => ({ drill, timetable: this.#timetableOf(drill) }));
    const begun: { drill: ScheduledDrill; since: Date }[] = [];
    const dropped = this.#removeAllBut(new Map(drills.map(({ name, scheduleHash }) => [name, scheduleHash])));
    for (const { drill, timetable } of next) {
      const known = handledUntilOf(states.get(drill.name), drill, now);
      const entry = this.#entries.get(drill.name);
      if (entry) this.#goOn(entry, drill, timetable, known);
      else this.#add({ drill, timetable, handledUntil: known ?? now, waiting: undefined, held: undefined });
      if (!known) begun.push({ drill, since: entry?.handledUntil ?? now });
    }
    return { begun, dropped };
  }

  /** What has changed for the drills that are due, ordered by time. */
  takeDue(now: Date): readonly AgendaItem[] {
    if (this.#lastLook && now < this.#lastLook) this.#goBackTo(now);
    this.#lastLook = now;
    const items: AgendaItem[] = [];
    for (let asked = 0; asked < ASKED_AT_ONCE; asked += 1) {
      const first = this.#times.first;
      if (!first || first.atMs > now.getTime()) break;
      const entry = first.item;
      const decision = decide(entry.timetable, entry.handledUntil, now);
      const item = { drill: entry.drill, since: entry.handledUntil, decision };
      const asksToStore = decision.start !== undefined || decision.skipped.length > 0;
      if (asksToStore || !isSameWait(entry.waiting, decision.waiting)) items.push(item);
      entry.waiting = decision.waiting;
      if (asksToStore) {
        entry.held = item;
        this.#times.delete(entry);
      } else {
        entry.handledUntil = decision.handledUntil;
        this.#times.set(entry, decision.recheckAt.getTime());
      }
    }
    return items;
  }

  /**
   * Marks everything due up to `handledUntil` as done: run, skipped or left to another process, and stored. The drill is checked again
   * from there. It never goes back: an instant before that of the item makes the item due again.
   * Does nothing for a drill that was removed or whose times have changed.
   */
  settle({ name, scheduleHash }: ScheduledDrill, handledUntil: Date): void {
    const entry = this.#entries.get(name);
    if (!entry || entry.drill.scheduleHash !== scheduleHash) return;
    const now = this.#lastLook ?? handledUntil;
    const credible = isFarAhead(handledUntil, now) ? now : handledUntil;
    if (credible > entry.handledUntil) entry.handledUntil = credible;
    entry.held = undefined;
    this.#askWhenDue(entry);
  }

  /** The clock was set back. Runs missed because of it may be on time now, and what was handled far ahead becomes due again. */
  #goBackTo(now: Date): void {
    for (const entry of this.#entries.values()) {
      const isAhead = isFarAhead(entry.handledUntil, now);
      if (isAhead) entry.handledUntil = now;
      if (!entry.held && (isAhead || entry.waiting)) this.#askWhenDue(entry);
    }
  }

  /** Built once per schedule, because parsing a cron expression takes longer than evaluating it. */
  #timetableOf({ name, schedule }: ScheduledDrill): Timetable {
    const old = this.#entries.get(name)?.timetable;
    return old && isDeepStrictEqual(old.schedule, schedule) ? old : makeTimetable(name, schedule);
  }

  #removeAllBut(hashes: ReadonlyMap<string, string>): AgendaItem[] {
    const dropped: AgendaItem[] = [];
    for (const [name, entry] of this.#entries) {
      if (hashes.get(name) === entry.drill.scheduleHash) continue;
      this.#entries.delete(name);
      this.#times.delete(entry);
      if (entry.held) dropped.push(entry.held);
    }
    return dropped;
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.drill.name, entry);
    this.#askWhenDue(entry);
  }

  #goOn(entry: Entry, drill: ScheduledDrill, timetable: Timetable, known: Date | undefined): void {
    const isSame = timetable === entry.timetable && !(known && known > entry.handledUntil);
    entry.drill = drill;
    entry.timetable = timetable;
    if (isSame) return;
    if (known && known > entry.handledUntil) entry.handledUntil = known;
    if (!entry.held) this.#askWhenDue(entry);
  }

  #askWhenDue(entry: Entry): void {
    this.#times.set(entry, nextDue(entry.timetable, entry.handledUntil).at.getTime());
  }
}

interface Entry {
  drill: ScheduledDrill;
  timetable: Timetable;
  /** Everything due up to this time has been settled, or there was nothing due. */
  handledUntil: Date;
  /** The wait that was last reported. */
  waiting: Decision['waiting'];
  held: AgendaItem | undefined;
}

/** How far a drill has come with these times. @returns undefined when its state is for other times, is not credible, or does not exist. */
export function handledUntilOf(
  state: DrillState | undefined,
  { scheduleHash }: ScheduledDrill,
  now: Date,
): Date | undefined {
  if (state?.scheduleHash !== scheduleHash) return undefined;
  const known = state.handledUntil ?? state.scheduledSince;
  return known && isFarAhead(known, now) ? undefined : known;
}

/**
 * Whether it was handled according to a wrong clock, such as one with a dead battery before network time sync: waiting until then could mean years without
 * runs. Shorter differences are waited out, so that nothing runs twice when a clock is corrected by hours.
 */
function isFarAhead(handledUntil: Date, now: Date): boolean {
  return handledUntil.getTime() - now.getTime() > DAY_MS;
}

function isSameWait(one: Decision['waiting'], other: Decision['waiting']): boolean {
  return one?.due.at.getTime() === other?.due.at.getTime() && one?.until.getTime() === other?.until.getTime();
}
