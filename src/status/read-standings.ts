import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DrillState } from '../record/schedule-store.ts';
import type { Store } from '../record/store.ts';
import { markAbandonedInterrupted } from './abandoned-runs.ts';
import { findOverdue } from './overdue.ts';
import { describeSilence } from './scheduler-silence.ts';
import type { Standing } from './standing.ts';
import { type FileProblem, LIST_RUN_LIMIT, newestVerdict } from './standing-facts.ts';
import { standingOf } from './standing-of.ts';

/** As many backups that came one after the other before any was drilled are looked back on. */
const SKIPS = 200;

/** A drill, what is known of it, and what comes of that. */
export interface DrillStanding {
  readonly drill: Drill;
  readonly standing: Standing;
  /** Whether a run that was due has not been started, whatever state that leads to. */
  readonly isOverdue: boolean;
  /** Newest first; one whose process is gone as interrupted. */
  readonly runs: readonly RunRecord[];
  /** The newest run that has a verdict, however many without one came after it. */
  readonly lastVerdict: RunRecord | undefined;
  readonly state: DrillState | undefined;
}

export interface Standings {
  /** In the order of the drills. */
  readonly drills: readonly DrillStanding[];
  /** That nothing starts drills by themselves, in words; undefined: a scheduler does. */
  readonly schedulerSilence: string | undefined;
}

/**
 * How every drill stands, from the store.
 * @param problems what is wrong with the files of drills whose last good definition is given, by name of the drill.
 */
export async function readStandings(
  store: Pick<Store, 'findRuns' | 'findLatestCompleted' | 'findSkips' | 'getDrillStates' | 'getDaemons'>,
  drills: readonly Drill[],
  now: Date,
  problems: ReadonlyMap<string, FileProblem> = new Map(),
): Promise<Standings> {
  const schedulerSilence = describeSilence(await store.getDaemons(), now);
  const states = new Map((await store.getDrillStates()).map((state) => [state.drill, state]));
  const read: DrillStanding[] = [];
  for (const drill of drills) {
    const runs = markAbandonedInterrupted(await store.findRuns({ drill: drill.name, limit: LIST_RUN_LIMIT }), now);
    const state = states.get(drill.name);
    const isNew = runs.length === 0;
    const lastVerdict = newestVerdict(runs) ?? (isNew ? undefined : await store.findLatestCompleted(drill.name));
    const skips = asksForSkips(drill, state) ? await store.findSkips({ drill: drill.name, limit: SKIPS }) : [];
    const facts = { runs, lastVerdict, skips, state, problem: problems.get(drill.name), schedulerSilence };
    const isOverdue = findOverdue(drill, facts, now) !== undefined;
    const standing = standingOf(drill, facts, now);
    read.push({ drill, standing, isOverdue, runs, lastVerdict, state });
  }
  return { drills: read, schedulerSilence };
}

/** Only where a backup waits does it matter which came before it. */
function asksForSkips({ schedule }: Drill, state: DrillState | undefined): boolean {
  if (!schedule?.onNewBackup || !state?.newestBackup || state.handledBackup === undefined) return false;
  return state.newestBackup.identity !== state.handledBackup;
}
