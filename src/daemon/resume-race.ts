import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { SkipRecord } from '../record/schedule-store.ts';
import { isTooLateToRetry } from '../status/retry.ts';
import type { QueuedRun, RaceLeg } from './queued-run.ts';

/** What the record says of races, for a scheduler that did not see them begin. Pure. */

type RacingDrill = Pick<Drill, 'name' | 'race' | 'schedule'>;

/** The race that the newest due run of a drill began. @param runs newest first. @returns undefined where it began none, or so long ago that the next one is awaited. */
export function raceBegunBy(
  { drill, runs }: { readonly drill: RacingDrill; readonly runs: readonly RunRecord[] },
  now: Date,
): RaceLeg | undefined {
  const { name, race, schedule } = drill;
  const run = findBegin(runs);
  if (!race || !schedule || run?.verdict === undefined || isTooLateToRetry(run, now)) return undefined;
  return wasRaced(run) ? { of: name, dueAt: dueAtOf(run), left: race } : undefined;
}

/** The newest due run of a drill, which began a race if the drill has one. @param runs newest first. */
export function findBegin(runs: readonly RunRecord[]): RunRecord | undefined {
  return runs.find(({ trigger }) => trigger.kind !== 'hand' && trigger.raceOf === undefined);
}

/** What is still to be run after the retry of a run that was part of a race; undefined: it was part of none. */
export function raceAfterRetry(
  { drill: { name }, trigger, dueAt }: Pick<QueuedRun, 'drill' | 'trigger' | 'dueAt'>,
  drills: ReadonlyMap<string, RacingDrill>,
): RaceLeg | undefined {
  const of = trigger.raceOf === undefined ? undefined : drills.get(trigger.raceOf);
  if (!of?.race?.includes(name)) return undefined;
  return { of: of.name, dueAt, left: of.race.slice(of.race.indexOf(name) + 1) };
}

/**
 * The run that a drill has had since a race was due, so that it needs none in the race.
 * @param runs newest first. One by hand counts only with a verdict: without, the race would have no result of the drill.
 */
export function runInRace(runs: readonly RunRecord[], { dueAt }: RaceLeg): RunRecord | undefined {
  return runs.find(
    ({ startedAt, trigger, verdict }) => startedAt >= dueAt && (trigger.kind !== 'hand' || verdict !== undefined),
  );
}

/** Whether the drill's run in a race was skipped already, for a pause or the budget of the month. */
export function wasSkippedInRace(skips: readonly SkipRecord[], { dueAt }: RaceLeg): boolean {
  return skips.some(
    ({ kind, first, last }) => (kind === 'freeze' || kind === 'budget') && first <= dueAt && dueAt <= last,
  );
}

function dueAtOf({ trigger, startedAt }: RunRecord): Date {
  return trigger.dueAt ?? startedAt;
}

/** A race that was written into the drill since then was not begun. */
function wasRaced({ definition }: RunRecord): boolean {
  return (JSON.parse(definition) as { readonly race?: unknown }).race !== undefined;
}
