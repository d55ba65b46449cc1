import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { SkipRecord } from '../record/schedule-store.ts';
import { isTooLateToRetry } from '../status/retry.ts';
import type { QueuedRun, RaceLeg } from './queued-run.ts';

/** Reconstructs races from the record, for a scheduler that did not see them start. Pure. */

type RacingDrill = Pick<Drill, 'name' | 'race' | 'schedule'>;

/**
 * The race that a drill's newest due run started.
 * @param runs newest first.
 * @returns undefined if it started none, or so long ago that the next one is awaited instead.
 */
export function raceBegunBy(
  { drill, runs }: { readonly drill: RacingDrill; readonly runs: readonly RunRecord[] },
  now: Date,
): RaceLeg | undefined {
  const { name, race, schedule } = drill;
  const run = findBegin(runs);
  if (!race || !schedule || run?.verdict === undefined || isTooLateToRetry(run, now)) return undefined;
  return wasRaced(run) ? { of: name, dueAt: dueAtOf(run), left: race } : undefined;
}

/** The newest due run of a drill, which started a race if the drill has one. @param runs newest first. */
export function findBegin(runs: readonly RunRecord[]): RunRecord | undefined {
  return runs.find(({ trigger }) => trigger.kind !== 'hand' && trigger.raceOf === undefined);
}

/** The remainder of the race after the retry of a run that was part of it; undefined: it was not part of a race. */
export function raceAfterRetry(
  { drill: { name }, trigger, dueAt }: Pick<QueuedRun, 'drill' | 'trigger' | 'dueAt'>,
  drills: ReadonlyMap<string, RacingDrill>,
): RaceLeg | undefined {
  const of = trigger.raceOf === undefined ? undefined : drills.get(trigger.raceOf);
  if (!of?.race?.includes(name)) return undefined;
  return { of: of.name, dueAt, left: of.race.slice(of.race.indexOf(name) + 1) };
}

/**
 * The run that a drill has had since a race was due, so that the race need not run it.
 * @param runs newest first. A manual run counts only with a verdict; otherwise the race would have no result for the drill.
 */
export function runInRace(runs: readonly RunRecord[], { dueAt }: RaceLeg): RunRecord | undefined {
  return runs.find(
    ({ startedAt, trigger, verdict }) => startedAt >= dueAt && (trigger.kind !== 'hand' || verdict !== undefined),
  );
}

/** Whether the drill's run in a race was already skipped, because of a pause or the month's budget. */
export function wasSkippedInRace(skips: readonly SkipRecord[], { dueAt }: RaceLeg): boolean {
  return skips.some(
    ({ kind, first, last }) => (kind === 'freeze' || kind === 'budget') && first <= dueAt && dueAt <= last,
  );
}

function dueAtOf({ trigger, startedAt }: RunRecord): Date {
  return trigger.dueAt ?? startedAt;
}

/** A race that was added to the drill since then was not started by that run. */
function wasRaced({ definition }: RunRecord): boolean {
  return (JSON.parse(definition) as { readonly race?: unknown }).race !== undefined;
}
