import { isDeepStrictEqual } from 'node:util';
import type { DrillState } from '../record/schedule-store.ts';
import { type Decision, decide } from '../schedule/decide.ts';
import { type CronSchedule, makeTimetable, nextDue, type Timetable } from '../schedule/timetable.ts';
import { DAY_MS } from '../schedule/wall-clock.ts';
import { Heap } from '../support/heap.ts';

/** A drill that runs at times. One that runs after each new backup only has no place on an agenda. */
export interface ScheduledDrill {
  readonly name: string;
  readonly schedule: CronSchedule;
  /** As `scheduleHash` of schedule/ makes it. */
  readonly scheduleHash: string;
}

/** Something about a drill that has to be acted on or told. */
export interface AgendaItem {
  readonly drill: ScheduledDrill;
  /** What was due up to here was settled before. */
  readonly since: Date;
  /** It starts a run, skips some, or waits for something else than before. */
  readonly decision: Decision;
}

export interface AgendaChange {
  /** Not stored yet with these times. To be stored, `since` as `handledUntil`, so that a restart finds what it missed since then. */
  readonly begun: readonly { readonly drill: ScheduledDrill; readonly since: Date }[];
  /** Held, and asked for no more: the drill was taken away, or has other times by now. */
  readonly dropped: readonly AgendaItem[];
}

/** As many drills one look asks at most: some milliseconds' worth, except after days of standstill. */
const ASKED_AT_ONCE = 1000;

/**
 * What the schedules of many drills ask for, and when to look next: a look costs time only for drills whose time has come.
 *
 * An item that starts or skips a run is held: its drill is not asked again, however long it waits in a queue and whatever becomes due
 * meanwhile, until {@link settle} says what became of it. So nothing is decided twice, and nothing is lost when storing it fails.
 *
 * It reads no clock, and does no I/O. Instants are those of the wall clock, which may jump both ways: a look at an earlier time finds
 * nothing to do, and what was done is not done again, unless that was more than a day ahead. As a timer does not see such a jump, look
 * every minute even when `nextDueAt` is far away.
 */
export class Agenda {
  readonly #entries = new Map<string, Entry>();
  readonly #times = new Heap<Entry>();
  #lastLook: Date | undefined;

  /** How many drills are on it. */
  get size(): number {
    return this.#entries.size;
  }

  /** When a drill is to be asked next; in the past: look again at once. undefined: none is, or each one is held. */
  get nextDueAt(): Date | undefined {
    const first = this.#times.first;
    return first && new Date(first.atMs);
  }

  /**
   * These drills from now on, and no others. One that is on it with the same times goes on as it was, or from where another process has
   * got to. One that is not goes on from its state; where that knows nothing of these times, it begins at `now` and has missed nothing.
   * @param states by name.
   * @throws RangeError for a schedule that the configuration would have refused; nothing is changed then.
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

  /** What has changed for the drills whose time has come, in the order of their times. */
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
   * What was due up to `handledUntil` is done with: run, skipped or left to another process, and stored. The drill is asked again from
   * there on. It never goes back: an instant before the item was handed out has it handed out again.
   * Does nothing for a drill that is not on it any more, or has other times by now.
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

  /** The clock has been put back. What was missed by it may be on time by now, and what was handled far ahead will be due once more. */
  #goBackTo(now: Date): void {
    for (const entry of this.#entries.values()) {
      const isAhead = isFarAhead(entry.handledUntil, now);
      if (isAhead) entry.handledUntil = now;
      if (!entry.held && (isAhead || entry.waiting)) this.#askWhenDue(entry);
    }
  }

  /** Made once for each schedule: to read a cron expression takes longer than to ask it. */
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
  /** What was due up to here has been settled, or there was nothing. */
  handledUntil: Date;
  /** What was last told. */
  waiting: Decision['waiting'];
  held: AgendaItem | undefined;
}

/** How far a drill has come with these times. @returns undefined when its state belongs to others, or is not to be believed, or there is none. */
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
 * Handled by a clock that was wrong, as one is that has lost its battery and does not know the network's time yet: to wait until then
 * would be to be silent for years. Less than that is waited for, and nothing runs twice when a clock is put right by hours.
 */
function isFarAhead(handledUntil: Date, now: Date): boolean {
  return handledUntil.getTime() - now.getTime() > DAY_MS;
}

function isSameWait(one: Decision['waiting'], other: Decision['waiting']): boolean {
  return one?.due.at.getTime() === other?.due.at.getTime() && one?.until.getTime() === other?.until.getTime();
}
