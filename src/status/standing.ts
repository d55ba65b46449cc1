import type { RunRecord } from '../record/run-record.ts';
import { STANDING_STATES, type StandingState } from '../support/vocabulary.ts';

/** The state of a drill at an instant: derived from facts and the time, never stored. Used by `list`, metrics, notifications and pages. */
export interface Standing {
  readonly drill: string;
  readonly owner: string | undefined;
  readonly tier: number | undefined;
  readonly state: StandingState;
  /** The state with its reason: `failing for 3 runs: recovery took 41 min, target 30 min`. */
  readonly sentence: string;
  /** Problems with the same fingerprint are the same problem: `failed:too-slow`, `overdue`. */
  readonly fingerprint: string;
  /** When it entered this state, as far as the given runs show; undefined: it has always been in it. */
  readonly since: Date | undefined;
  /** The run that the state is about. */
  readonly runId: string | undefined;
  /** The newest verdict is `failed`, even while a run is in progress and after any attempts without a verdict. */
  readonly isFailing: boolean;
  /** A retry is due or a run is in progress, so no alert is sent before it ends. */
  readonly isProvisional: boolean;
}

type Ranked = Pick<Standing, 'state' | 'isFailing' | 'tier' | 'drill'>;

/** The only order of drills in lists: failing ones, tier 1 before the others; never drilled; overdue; then the rest. By tier and name within each. */
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

/** The run to show with a standing: the one that it is about, else the newest. */
export function runToTell({ standing, runs, lastVerdict }: ToldRuns): RunRecord | undefined {
  return [...runs, lastVerdict].find((run) => run !== undefined && run.id === standing.runId) ?? runs[0];
}
