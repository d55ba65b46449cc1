import type { Drill } from '../config/drill-file.ts';
import { keepRecentRuns } from '../record/recent-runs.ts';
import type { Store } from '../record/store.ts';
import { readStandings, type Standings } from './read-standings.ts';
import { type FileProblem, LIST_RUN_LIMIT } from './standing-facts.ts';

export interface KeptStandings {
  /** As {@link readStandings} would say, at most a second ago. */
  read(drills: readonly Drill[], now: Date, problems?: ReadonlyMap<string, FileProblem>): Promise<Standings>;
}

type StandingsStore = Parameters<typeof keepRecentRuns>[0] &
  Pick<Store, 'findLatestCompleted' | 'findSkips' | 'getDrillStates' | 'getDaemons'>;

/** People who look at one page at once see one answer. */
const HOLD_MS = 1000;

/** For pages: the runs are kept in memory, and who asks while others wait for the same, or just after, gets the same answer. */
export function keepStandings(store: StandingsStore): KeptStandings {
  const recent = keepRecentRuns(store, LIST_RUN_LIMIT);
  const reader = {
    findRuns: recent.findRuns,
    findLatestCompleted: (drill: string) => store.findLatestCompleted(drill),
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

  async function readAnew(...asked: Parameters<KeptStandings['read']>): Promise<Standings> {
    await recent.refresh();
    return readStandings(reader, ...asked);
  }

  return {
    async read(drills, now, problems) {
      const isSame = kept?.drills === drills && kept.problems === problems;
      if (kept && isSame && Math.abs(now.getTime() - kept.at.getTime()) < HOLD_MS) return kept.standings;
      const standings = readAnew(drills, now, problems);
      const mine = { drills, problems, at: now, standings };
      kept = mine;
      try {
        return await standings;
      } catch (error) {
        if (kept === mine) kept = undefined; // the next one may succeed
        throw error;
      }
    },
  };
}
