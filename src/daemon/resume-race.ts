import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import { isTooLateToRetry } from '../status/retry.ts';
import type { RaceLeg } from './queued-run.ts';

/** What the record says of races, for a scheduler that did not see them begin. Pure. */

type RacedRuns = { readonly drill: Pick<Drill, 'name' | 'race' | 'schedule'>; readonly runs: readonly RunRecord[] };

/** The race that the newest due run of a drill began. @param runs newest first. @returns undefined where it began none, or so long ago that the next one is awaited. */
export function raceBegunBy({ drill, runs }: RacedRuns, now: Date): RaceLeg | undefined {
  const { name, race, schedule } = drill;
  const run = runs.find(({ trigger }) => trigger.kind !== 'hand');
  if (!race || !schedule || run?.verdict === undefined || isTooLateToRetry(run, now)) return undefined;
  return wasRaced(run) ? { of: name, dueAt: dueAtOf(run), left: race } : undefined;
}

/** What is still to be run after the retry of a run that was part of a race. @param all the drills that there are, with their newest runs. */
export function raceAfterRetry(
  { drill, dueAt }: { readonly drill: string; readonly dueAt: Date },
  all: readonly RacedRuns[],
): RaceLeg | undefined {
  for (const {
    drill: { name, race = [] },
    runs,
  } of all) {
    const began = runs.some(
      (run) => run.verdict !== undefined && run.trigger.kind !== 'hand' && +dueAtOf(run) === +dueAt,
    );
    if (began && race.includes(drill)) return { of: name, dueAt, left: race.slice(race.indexOf(drill) + 1) };
  }
  return undefined;
}

function dueAtOf({ trigger, startedAt }: RunRecord): Date {
  return trigger.dueAt ?? startedAt;
}

/** A race that was written into the drill since then was not begun. */
function wasRaced({ definition }: RunRecord): boolean {
  return (JSON.parse(definition) as { readonly race?: unknown }).race !== undefined;
}
