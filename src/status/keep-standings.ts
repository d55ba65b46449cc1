import type { Drill } from '../config/drill-file.ts';
import { keepRecentRuns } from '../record/recent-runs.ts';
import { readerOf, readStandings, type Standings, type StandingsReader } from './read-standings.ts';
import { type FileProblem, LIST_RUN_LIMIT } from './standing-facts.ts';

export interface KeptStandings {
  /** The result of {@link readStandings}, at most a second old. */
  read(drills: readonly Drill[], now: Date, problems?: ReadonlyMap<string, FileProblem>): Promise<Standings>;
}

type StandingsStore = Parameters<typeof keepRecentRuns>[0] & Omit<StandingsReader, 'findRuns'>;

/** Users who open a page within this time get the same answer. */
const HOLD_MS = 1000;

/** For pages: keeps the runs in memory, and answers concurrent or closely spaced requests with the same result. */
export function keepStandings(store: StandingsStore): KeptStandings {
  const recent = keepRecentRuns(store, LIST_RUN_LIMIT);
  const reader = readerOf(store, recent.findRuns);
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
