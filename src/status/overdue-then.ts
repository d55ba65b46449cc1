import type { Schedule } from '../config/drill-file.ts';
import type { DrillState, ScheduleRecord, SkipRecord } from '../record/schedule-store.ts';
import { scheduleAt } from '../schedule/schedule-history.ts';
import { hasCron } from '../schedule/timetable.ts';
import { missedIn, readOnce } from './missed-run.ts';
import type { StandingDrill, StandingFacts } from './standing-facts.ts';

/** What is known about a drill's schedule at a past instant. */
export type OverdueThen =
  /** The schedule at that time is not on record: it was first seen later, or changed while no scheduler ran, or there is none now. */
  | { readonly known: false }
  | { readonly known: true; readonly dueAt: Date; readonly since: string }
  | { readonly known: true; readonly dueAt: undefined };

/**
 * Whether the drill was overdue at a past instant, by the schedules and skipped runs that schedulers recorded. Uses the current jitter, windows and freezes,
 * but takes pauses only from the skipped runs, since labels may have changed; new backups of that time are not on record.
 * @param ranUntil when the newest run that had started by then ended; undefined: there was none. @param skips the drill's skipped runs.
 */
export function findOverdueThen(
  { name, schedule }: Pick<StandingDrill, 'name' | 'schedule'>,
  state: StandingFacts['state'],
  ranUntil: Date | undefined,
  then: Date,
  skips: readonly SkipRecord[],
): OverdueThen {
  const applied = state && scheduleThen(name, schedule, state, then);
  if (!applied) return { known: false };
  if (applied.cron === undefined) return NOT_OVERDUE;
  if (!schedule) return { known: false };
  const earlier = state.schedules.filter(({ knownUntil }) => knownUntil && knownUntil <= then);
  const spans = [...earlier, { ...applied, knownUntil: then }];
  const present = { ...schedule, pauses: [] };
  const missed = spans.map((span) => missedIn(span, name, present, ranUntil, { cutOff: [], skips }));
  const first = missed.find((one) => one !== undefined);
  return first ? { known: true, dueAt: first.dueAt, since: first.since } : NOT_OVERDUE;
}

const NOT_OVERDUE = { known: true, dueAt: undefined } as const;

/** The schedule that applied then: as recorded or, if the store is older than such records, the current one if it was seen by then. */
function scheduleThen(
  name: string,
  schedule: Schedule | undefined,
  state: DrillState,
  then: Date,
): ScheduleRecord | undefined {
  const record = scheduleAt(state, then);
  if (record) return record.cron === undefined && record.onNewBackup ? undefined : record;
  if (state.schedules.some(({ since }) => since <= then)) return undefined; // between two schedules
  if (!schedule || !hasCron(schedule) || !state.scheduledSince || state.scheduledSince > then) return undefined;
  if (state.scheduleHash !== readOnce(name, schedule).hash) return undefined;
  const { cron, timezone, onNewBackup } = schedule;
  return { since: state.scheduledSince, knownUntil: undefined, cron, timezone, onNewBackup: onNewBackup !== undefined };
}

/** Whether the drill had only manual runs at a past instant; false if its schedule at that time is not on record. */
export function wasByHandOnly(state: DrillState | undefined, then: Date): boolean {
  const record = state && scheduleAt(state, then);
  return record !== undefined && record.cron === undefined && !record.onNewBackup;
}
