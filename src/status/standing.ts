import type { RunRecord } from '../record/run-record.ts';
import { STANDING_STATES, type StandingState } from '../support/vocabulary.ts';

/** How a drill stands at an instant: derived from facts and now, never stored. What `list`, metrics, messages and pages say. */
export interface Standing {
  readonly drill: string;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  readonly state: StandingState;
  /** In words, with what is behind it: `failing for 3 runs: recovery took 41 min, target 30 min`. */
  readonly sentence: string;
  /** Two problems of one fingerprint are the same: `failed:too-slow`, `overdue`. */
  readonly fingerprint: string;
  /** Since when it is in this state, as far as the runs given tell; undefined: never anything else. */
  readonly since: Date | undefined;
  /** The run that the state speaks of. */
  readonly runId: string | undefined;
  /** The newest verdict is `failed`, also while a run goes on and whatever attempts without a verdict came after it. */
  readonly isFailing: boolean;
  /** A retry is to come, or a run is going on: nobody is told before it has ended. */
  readonly isProvisional: boolean;
}

type Ranked = Pick<Standing, 'state' | 'isFailing' | 'tier' | 'drill'>;

/** The one order in which drills stand in lists: what fails, tier 1 before the others; never drilled; overdue; then the rest. By tier and name within each. */
export function compareStandings(a: Ranked, b: Ranked): number {
  return (
    rankOf(a) - rankOf(b) ||
    (a.tier ?? Number.MAX_SAFE_INTEGER) - (b.tier ?? Number.MAX_SAFE_INTEGER) ||
    (a.drill < b.drill ? -1 : 1)
  );
}

function rankOf({ state, isFailing }: Ranked): number {
  return STANDING_STATES.indexOf(isFailing ? 'failed' : state);
}

export interface ToldRuns {
  readonly standing: Pick<Standing, 'runId'>;
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  readonly lastVerdict: RunRecord | undefined;
}

/** The run to tell of beside a standing: the one that it speaks of, else the newest. */
export function runToTell({ standing, runs, lastVerdict }: ToldRuns): RunRecord | undefined {
  return [...runs, lastVerdict].find((run) => run !== undefined && run.id === standing.runId) ?? runs[0];
}
