import { mayHaveDrilled } from '../backup/selection/drilled-backup.ts';
import type { Drill } from '../config/drill-file.ts';
import { newestFirst } from '../record/recent-runs.ts';
import type { ReportStore, RunFigures } from '../record/report-store.ts';
import type { ScheduleStore, SeenBackup } from '../record/schedule-store.ts';
import type { RunFilter } from '../record/store.ts';
import { readerOf, readStandings, type Standings, type StandingsReader } from './read-standings.ts';
import { LIST_RUN_LIMIT } from './standing-facts.ts';
import { waitingBackup } from './waiting-backup.ts';

type OnceStore = StandingsReader &
  Pick<ReportStore, 'findRecentFacts' | 'getRuns'> &
  Pick<ScheduleStore, 'findRunning'>;

/**
 * Like {@link readStandings}, for a command that asks once about all drills: only the runs that the standings depend on are read in full. The newest twenty
 * runs' figures identify them; for a passing drill they are two or three.
 */
export async function readStandingsOnce(store: OnceStore, drills: readonly Drill[], now: Date): Promise<Standings> {
  // Read before the figures, so that a run that ends in between is found twice and counts as ended.
  const running = await store.findRunning();
  const states = await store.getDrillStates();
  const facts = Map.groupBy(await store.findRecentFacts(LIST_RUN_LIMIT), ({ drill }) => drill);
  const stateOf = new Map(states.map((state) => [state.drill, state]));
  const wanted = drills.flatMap(({ name, schedule }) => {
    const going = running.filter((run) => run.drill === name).length;
    const newest = (facts.get(name) ?? []).toReversed().slice(0, LIST_RUN_LIMIT - going);
    const waiting = waitingBackup(schedule, stateOf.get(name));
    const older = newest.filter(mayBeOfOlderBackup);
    const others = newest.filter((fact) => !older.includes(fact));
    const chosen = [...chooseRuns(newest, waiting), ...older, ...(older.length > 0 ? chooseRuns(others, waiting) : [])];
    return [...new Set(chosen.map(({ runId }) => runId))];
  });
  const ended = await store.getRuns(wanted);
  const endedIds = new Set(ended.map(({ id }) => id));
  const byDrill = Map.groupBy([...running.filter(({ id }) => !endedIds.has(id)), ...ended], ({ drill }) => drill);
  const findRuns = async (filter: RunFilter) =>
    filter.limit > LIST_RUN_LIMIT
      ? store.findRuns(filter)
      : (byDrill.get(filter.drill ?? '') ?? []).toSorted(newestFirst);
  return readStandings({ ...readerOf(store, findRuns), getDrillStates: async () => states }, drills, now);
}

/**
 * Whether a standing may have to leave the run out because a user requested an older backup. Decided from the run's figures, which do not show how the backup
 * was selected.
 */
function mayBeOfOlderBackup({ triggerKind, startedMs, takenMs, dataLossMs }: RunFigures): boolean {
  return triggerKind === 'hand' && takenMs !== undefined && startedMs - takenMs > (dataLossMs ?? 0);
}

/**
 * Chooses the runs to read: the newest; the streak of runs with the same outcome as the newest (if they passed, only its first is needed, because only other
 * outcomes are counted); the run before the streak; the same for runs with a verdict; the runs that may have drilled the waiting backup; and those of the last
 * known backup and the last recovery time.
 * @param facts newest first.
 */
function chooseRuns(facts: readonly RunFigures[], waiting: SeenBackup | undefined): readonly RunFigures[] {
  const verdicts = facts.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  const chosen = new Set([
    ...chooseStreak(facts),
    ...chooseStreak(verdicts),
    ...facts.filter((fact) => waiting && mayHaveDrilled(fact, waiting)),
    facts.find(({ sizeBytes }) => sizeBytes !== undefined),
    facts.find(({ recoveryTimeMs }) => recoveryTimeMs !== undefined),
  ]);
  return facts.filter((fact) => chosen.has(fact));
}

function chooseStreak(facts: readonly RunFigures[]): readonly (RunFigures | undefined)[] {
  const other = facts.findIndex(({ outcome }) => outcome !== facts[0]?.outcome);
  const alike = other === -1 ? facts : facts.slice(0, other);
  return [facts[0], ...(facts[0]?.outcome === 'passed' ? alike.slice(-1) : alike), facts[other]];
}
