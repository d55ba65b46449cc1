import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DrillState, SkipRecord } from '../record/schedule-store.ts';

/** The maximum N in `failing for N runs`. */
export const LIST_RUN_LIMIT = 20;

export type StandingDrill = Pick<Drill, 'name' | 'owner' | 'tier' | 'schedule'> & {
  readonly objectives: Pick<Drill['objectives'], 'rpoMs'>;
};

export interface StandingFacts {
  /** Newest first: the last {@link LIST_RUN_LIMIT}. */
  readonly runs: readonly RunRecord[];
  /** The newest run with a verdict, if none of `runs` has one. */
  readonly lastVerdict?: RunRecord | undefined;
  /** Skipped runs, as far as they matter for waiting backups and for what is overdue. */
  readonly skips?: readonly SkipRecord[];
  /** Undefined: no scheduler has ever seen the drill. */
  readonly state: DrillState | undefined;
  /** The problem with its file, in which case the drill given is the last good configuration. */
  readonly problem?: FileProblem | undefined;
  /** Set if no scheduler starts drills (`describeSilence`); undefined: one does, or it is unknown. */
  readonly schedulerSilence?: string | undefined;
}

/** Why a drill file cannot be used. */
export interface FileProblem {
  /** `drills/orders.yaml:12:9: checks[0].expect: …`, the first problem. */
  readonly problem: string;
  readonly since: Date | undefined;
}

/** @param runs newest first. */
export function newestVerdict(runs: readonly RunRecord[]): RunRecord | undefined {
  return runs.find(({ status }) => status === 'completed');
}
