import { STANDING_STATES, type StandingState } from '../support/words.ts';

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
  /** A fresh attempt is to come, or a run is going on: nobody is told before it has ended. */
  readonly isProvisional: boolean;
}

type Ranked = Pick<Standing, 'state' | 'tier' | 'drill'>;

/** Worst first; within a state by tier and name. */
export function compareStandings(a: Ranked, b: Ranked): number {
  return (
    STANDING_STATES.indexOf(a.state) - STANDING_STATES.indexOf(b.state) ||
    (a.tier ?? Number.MAX_SAFE_INTEGER) - (b.tier ?? Number.MAX_SAFE_INTEGER) ||
    (a.drill < b.drill ? -1 : 1)
  );
}
