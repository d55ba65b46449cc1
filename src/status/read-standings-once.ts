import type { Drill } from '../config/drill-file.ts';
import { newestFirst } from '../record/recent-runs.ts';
import type { ReportStore, RunFact } from '../record/report-store.ts';
import type { DrillState, ScheduleStore, SeenBackup } from '../record/schedule-store.ts';
import type { Store } from '../record/store.ts';
import { readStandings, type Standings } from './read-standings.ts';
import { LIST_RUN_LIMIT } from './standing-facts.ts';

type OnceStore = Pick<ReportStore, 'findRecentFacts' | 'getRuns'> &
  Pick<Store, 'findLatestCompleted' | 'findSkips'> &
  Pick<ScheduleStore, 'getDrillStates' | 'getDaemons' | 'findRunning'>;

/**
 * As {@link readStandings}, for a command that asks once about all drills: of the runs only those are read whole on which the standings rest. The facts of
 * the newest twenty tell which, and of a drill that passes they are two or three.
 */
export async function readStandingsOnce(store: OnceStore, drills: readonly Drill[], now: Date): Promise<Standings> {
  // Before the facts: what ends between the two is then found twice, and counts as ended.
  const running = await store.findRunning();
  const states = await store.getDrillStates();
  const facts = Map.groupBy(await store.findRecentFacts(LIST_RUN_LIMIT), ({ drill }) => drill);
  const stateOf = new Map(states.map((state) => [state.drill, state]));
  const wanted = drills.flatMap(({ name }) => {
    const going = running.filter((run) => run.drill === name).length;
    const newest = (facts.get(name) ?? []).toReversed().slice(0, LIST_RUN_LIMIT - going);
    return chooseRuns(newest, stateOf.get(name)).map(({ runId }) => runId);
  });
  const ended = await store.getRuns(wanted);
  const endedIds = new Set(ended.map(({ id }) => id));
  const byDrill = Map.groupBy([...running.filter(({ id }) => !endedIds.has(id)), ...ended], ({ drill }) => drill);
  const reader = {
    findRuns: async ({ drill = '' }) => (byDrill.get(drill) ?? []).toSorted(newestFirst),
    findLatestCompleted: (drill: string) => store.findLatestCompleted(drill),
    findSkips: (filter: Parameters<typeof store.findSkips>[0]) => store.findSkips(filter),
    getDrillStates: async () => states,
    getDaemons: () => store.getDaemons(),
  };
  return readStandings(reader, drills, now);
}

/**
 * The newest; of those that ended alike, each where it is told how many they are, and the first where it is only told since when; the one before them,
 * which ends their row; likewise of those that have a verdict; what tells of backups and of the recovery time.
 * @param facts newest first.
 */
function chooseRuns(facts: readonly RunFact[], state: DrillState | undefined): readonly RunFact[] {
  const verdicts = facts.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  const chosen = new Set([
    ...chooseStreak(facts),
    ...chooseStreak(verdicts),
    ...facts.filter((fact) => isOf(fact, state?.newestBackup)),
    facts.find(({ sizeBytes }) => sizeBytes !== undefined),
    facts.find(({ recoveryTimeMs }) => recoveryTimeMs !== undefined),
  ]);
  return facts.filter((fact) => chosen.has(fact));
}

function chooseStreak(facts: readonly RunFact[]): readonly (RunFact | undefined)[] {
  const other = facts.findIndex(({ outcome }) => outcome !== facts[0]?.outcome);
  const alike = other === -1 ? facts : facts.slice(0, other);
  return [facts[0], ...(facts[0]?.outcome === 'passed' ? alike.slice(-1) : alike), facts[other]];
}

/** Facts do not know keys: what may be of that backup. */
function isOf({ sizeBytes, takenMs }: RunFact, backup: SeenBackup | undefined): boolean {
  return backup !== undefined && sizeBytes === backup.sizeBytes && takenMs === backup.takenAt.getTime();
}
