import type { Drill } from '../config/drill-file.ts';
import { keepRecentRuns } from '../record/recent-runs.ts';
import type { Store } from '../record/store.ts';
import { readStandings, type Standings } from './read-standings.ts';
import { type FileProblem, LIST_RUN_LIMIT } from './standing-facts.ts';

export interface KeptStandings {
  /** The result of {@link readStandings}, at most a second old. */
  read(drills: readonly Drill[], now: Date, problems?: ReadonlyMap<string, FileProblem>): Promise<Standings>;
}

type StandingsStore = Parameters<typeof keepRecentRuns>[0] &
  Pick<
    Store,
    | 'findLatestCompleted'
    | 'findRecoveryProofs'
    | 'findProofs'
    | 'getAcknowledgements'
    | 'findSkips'
    | 'getDrillStates'
    | 'getDaemons'
  >;

/** Users who open a page at the same time get the same answer. */
const HOLD_MS = 1000;

/** For pages: keeps the runs in memory and answers concurrent or closely following requests with the same result. */
export function keepStandings(store: StandingsStore): KeptStandings {
  const recent = keepRecentRuns(store, LIST_RUN_LIMIT);
  const reader = {
    findRuns: recent.findRuns,
    findLatestCompleted: (drill: string) => store.findLatestCompleted(drill),
    findRecoveryProofs: () => store.findRecoveryProofs(),
    findProofs: () => store.findProofs(),
    getAcknowledgements: () => store.getAcknowledgements(),
    findSkips: (filter: Parameters<typeof store.findSkips>[0]) => store.findSkips(filter),
    getDrillStates: () => store.getDrillStates(),
    getDaemons: () => store.getDaemons(),
  };
  let kept:
    | {
        readonly drills: readonly Drill[];
        readonly problems: ReadonlyMap<string, FileProblem> | undefined;
        readonly at: Date;
        readonly standings: Promise<Standings>;
      }
    | undefined;

  async function reread(...asked: Parameters<KeptStandings['read']>): Promise<Standings> {
    await recent.refresh();
    return readStandings(reader, ...asked);
  }

  return {
    async read(drills, now, problems) {
      const isSame = kept?.drills === drills && kept.problems === problems;
      if (kept && isSame && Math.abs(now.getTime() - kept.at.getTime()) < HOLD_MS) return kept.standings;
      const standings = reread(drills, now, problems);
      const mine = { drills, problems, at: now, standings };
      kept = mine;
      try {
        return await standings;
      } catch (error) {
        if (kept === mine) kept = undefined; // not cached, since the next read may succeed
        throw error;
      }
    },
  };
}
