import type { Drill } from '../config/drill-file.ts';
import type { SkipRecord } from '../record/schedule-store.ts';
import type { Decision, Skipped } from '../schedule/decide.ts';
import { scheduleHash } from '../schedule/schedule-hash.ts';
import { addSchedule, endSchedule } from '../schedule/schedule-history.ts';
import { hasCron } from '../schedule/timetable.ts';
import { formatInstant } from '../support/instants.ts';
import { Agenda, type AgendaItem, handledUntilOf, type ScheduledDrill } from './agenda.ts';
import type { Basis, DrillStates } from './drill-states.ts';
import type { DaemonLog } from './log.ts';

/** A run for a schedule. */
export interface DueRun {
  readonly drill: Drill;
  readonly dueAt: Date;
  /** `due at 22 Nov 2026, 03:30`, `missed 9 h ago; this run catches up`. */
  readonly why: string;
  /** Store it with the run. Call {@link ScheduleTrigger.settle} once it is stored, or never will be. */
  readonly handledUntil: Date;
  readonly skips: readonly SkipRecord[];
  readonly basis: Basis;
}

/** The runs that schedules ask for, in sync with the drill files and the stored state. */
export class ScheduleTrigger {
  private readonly agenda = new Agenda();
  private readonly states: DrillStates;
  private readonly log: DaemonLog;
  private scheduled = new Map<string, { readonly drill: Drill; readonly times: ScheduledDrill }>();
  /** The names of all drills, with and without times; undefined before the first {@link set}. */
  private names: ReadonlySet<string> | undefined;

  constructor(states: DrillStates, log: DaemonLog) {
    this.states = states;
    this.log = log;
  }

  /** When the next run is due; undefined: never. */
  get nextDueAt(): Date | undefined {
    return this.agenda.nextDueAt;
  }

  /**
   * Replaces the drills; each continues from its stored state. Call after drill files have changed or states were reread.
   * @param seenUntil when a scheduler last saw the previous version of the drills; undefined: never.
   * @returns drills with a queued run that is no longer wanted.
   */
  async set(drills: readonly Drill[], now: Date, seenUntil: Date | undefined): Promise<readonly string[]> {
    this.scheduled = new Map(drills.flatMap((drill) => toScheduled(drill)));
    const times = [...this.scheduled.values()].map((one) => one.times);
    const { begun, dropped } = this.agenda.set(times, this.states.all, now);
    const begins = new Map(begun.map(({ drill, since }) => [drill.name, since]));
    for (const drill of drills) await this.begin(drill, begins.get(drill.name), now, seenUntil);
    await this.endRemoved(new Set(drills.map(({ name }) => name)), now, seenUntil);
    for (const { drill, decision } of dropped) {
      if (!decision.start) continue;
      const span = { count: 1, first: decision.start.due.at, last: decision.start.due.at };
      const skip = {
        drill: drill.name,
        kind: 'gone',
        reason: 'its schedule was changed or removed',
        ...span,
      } as const;
      await this.states.change(drill.name, { waitsFor: undefined }, [{ ...skip, recordedAt: now }]);
    }
    return dropped.map(({ drill }) => drill.name);
  }

  /**
   * Collects what has become due, and stores skipped runs.
   * @param onDue takes over a run until {@link settle} receives its outcome.
   * @throws the store's errors; what could not be stored is due again at the next call.
   */
  async collectDue(now: Date, onDue: (run: DueRun) => void): Promise<void> {
    const items = this.agenda.takeDue(now);
    for (const [index, item] of items.entries()) {
      try {
        const run = await this.take(item, now);
        if (run) onDue(run);
      } catch (error) {
        for (const { drill } of items.slice(index)) this.agenda.settle(drill, new Date(0));
        throw error;
      }
    }
  }

  /**
   * Call after the run was claimed, here or by another process, or skipped, and this is stored. If storing failed, pass the earlier `handledUntil` to make it
   * due again.
   */
  settle(drill: string, handledUntil: Date): void {
    const times = this.scheduled.get(drill)?.times;
    if (times) this.agenda.settle(times, handledUntil);
  }

  /** @param since start of times that are not stored yet; undefined: none. */
  private async begin(drill: Drill, since: Date | undefined, now: Date, seenUntil: Date | undefined): Promise<void> {
    const state = this.states.of(drill.name);
    const times = this.scheduled.get(drill.name)?.times;
    const isKnown = state.schedules.length === 0 && times && times.scheduleHash === state.scheduleHash;
    const schedules = addSchedule(
      state,
      drill.schedule,
      since ?? (isKnown ? state.scheduledSince : undefined) ?? now,
      seenUntil,
    );
    const begun = times && since && { scheduleHash: times.scheduleHash, scheduledSince: since, handledUntil: since };
    if (!begun && !schedules) return;
    const change = { ...(begun && { ...begun, waitsFor: undefined }), ...(schedules && { schedules }) };
    await this.states.change(drill.name, change);
  }

  /** Drills that this process never had are handled only at startup: another process on the same store may have others. */
  private async endRemoved(names: ReadonlySet<string>, now: Date, seenUntil: Date | undefined): Promise<void> {
    const before = this.names ?? new Set(this.states.all.keys());
    for (const name of before) {
      const schedules = names.has(name) ? undefined : endSchedule(this.states.of(name), now, seenUntil);
      if (schedules) await this.states.change(name, { schedules });
    }
    this.names = names;
  }

  private async take({ drill: times, since, decision }: AgendaItem, now: Date): Promise<DueRun | undefined> {
    const drill = this.scheduled.get(times.name)?.drill;
    if (!drill) return undefined;
    const state = this.states.of(drill.name);
    const known = handledUntilOf(state, times, now);
    if (known && known > since) {
      this.settle(drill.name, known); // another process has got further: continue from there
      return undefined;
    }
    const skips = decision.skipped.map((skipped) => toSkip(drill.name, skipped, now));
    for (const { kind, reason, count } of skips) {
      const what = count === 1 ? 'a run' : `${count} runs`;
      this.log.info(`${drill.name}: ${what} skipped (${kind}): ${reason}`, { drill: drill.name, kind });
    }
    if (decision.start) return toDueRun(drill, decision, skips, { handledUntil: state.handledUntil });
    await this.settleSkips(drill.name, decision, skips);
    return undefined;
  }

  private async settleSkips(drill: string, decision: Decision, skips: readonly SkipRecord[]): Promise<void> {
    const waitsFor = decision.waiting && `for ${formatInstant(decision.waiting.until)}: ${decision.waiting.why}`;
    const stored = await this.states.change(drill, { handledUntil: decision.handledUntil, waitsFor }, skips);
    // If another process was faster, its decision wins: continue from its state.
    if (skips.length > 0)
      this.settle(drill, stored ? decision.handledUntil : (this.states.of(drill).handledUntil ?? new Date(0)));
  }
}

function toScheduled(drill: Drill): [string, { drill: Drill; times: ScheduledDrill }][] {
  const { name, schedule } = drill;
  if (!schedule || !hasCron(schedule)) return [];
  return [[name, { drill, times: { name, schedule, scheduleHash: scheduleHash(schedule) } }]];
}

function toDueRun(drill: Drill, decision: Decision, skips: readonly SkipRecord[], basis: Basis): DueRun | undefined {
  const { start, handledUntil } = decision;
  return start && { drill, dueAt: start.due.at, why: start.why, handledUntil, skips, basis };
}

function toSkip(drill: string, skipped: Skipped, now: Date): SkipRecord {
  return { drill, ...skipped, recordedAt: now };
}
