import type { Drill } from '../config/drill-file.ts';
import type { Silence } from '../record/silence-store.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import { pausedNow } from '../status/silenced.ts';
import type { QueuedRun } from './queued-run.ts';
import { raceAfterRetry } from './resume-race.ts';
import { toRetry } from './run-requests.ts';

export interface RetryContext {
  readonly drills: ReadonlyMap<string, Drill>;
  /** The silences that pause runs. */
  readonly pauses: readonly Silence[];
  readonly now: Date;
  readonly isBusy: (drill: string) => boolean;
  readonly diskBytesOf: (drill: string) => number | undefined;
}

/** The retries that are due, with what is still to be run of their races. In time linear in the drills, since it is asked at every tick. */
export function* dueRetries(
  standings: readonly DrillStanding[],
  { drills, pauses, now, isBusy, diskBytesOf }: RetryContext,
): Iterable<QueuedRun> {
  const raced = new Set([...drills.values()].flatMap(({ schedule, race }) => (schedule && race) ?? []));
  for (const { drill, runs } of standings) {
    const { name } = drill;
    if (isBusy(name) || pausedNow(pauses, drill, now)) continue;
    const retry = toRetry(drill, runs, { now, diskBytes: diskBytesOf(name), isRaced: raced.has(name) });
    if (retry) yield { ...retry, race: raceAfterRetry(retry, drills) };
  }
}
