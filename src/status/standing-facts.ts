import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DrillState, SkipRecord } from '../record/schedule-store.ts';

/** As many runs back `failing for N runs` counts. */
export const LIST_RUN_LIMIT = 20;

export type StandingDrill = Pick<Drill, 'name' | 'owner' | 'tier' | 'schedule'> & {
  readonly objectives: Pick<Drill['objectives'], 'rpoMs'>;
};

export interface StandingFacts {
  /** Newest first: the last {@link LIST_RUN_LIMIT}. */
  readonly runs: readonly RunRecord[];
  /** The newest run that has a verdict, where none of `runs` has one. */
  readonly lastVerdict?: RunRecord | undefined;
  /** What was due and did not take place, as far as it matters to backups that wait. */
  readonly skips?: readonly SkipRecord[];
  /** undefined: no scheduler has ever seen the drill. */
  readonly state: DrillState | undefined;
  /** What is wrong with its file; the last good definition is given as the drill. */
  readonly problem?: FileProblem | undefined;
  /** That nothing starts drills, in words (`describeSilence`); undefined: something does, or it is not known. */
  readonly schedulerSilence?: string | undefined;
}

/** Why a drill file cannot be taken as it is. */
export interface FileProblem {
  /** `drills/orders.yaml:12:9: checks[0].expect: …`, the first thing that is wrong. */
  readonly problem: string;
  readonly since: Date | undefined;
}

/** @param runs newest first. */
export function newestVerdict(runs: readonly RunRecord[]): RunRecord | undefined {
  return runs.find(({ status }) => status === 'completed');
}
