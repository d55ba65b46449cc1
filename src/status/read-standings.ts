import type { Drill } from '../config/drill-file.ts';
import type { Acknowledgement } from '../record/acknowledgement-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DrillState } from '../record/schedule-store.ts';
import type { Silence } from '../record/silence-store.ts';
import type { Store } from '../record/store.ts';
import { markAbandonedInterrupted } from './abandoned-runs.ts';
import { type Acknowledged, acknowledgedNow } from './acknowledged.ts';
import { isOfOlderBackup } from './older-backups.ts';
import { findOverdue } from './overdue.ts';
import { type ProofStanding, proofStanding } from './proof-standing.ts';
import type { RaceResult } from './race-result.ts';
import { readRaces } from './read-races.ts';
import { type RecoveryStanding, recoveryStanding } from './recovery-proof.ts';
import { describeSilence } from './scheduler-silence.ts';
import { readSilences, type Silenced, silenceAhead, silencedNow, withPauses } from './silenced.ts';
import type { Standing } from './standing.ts';
import { type FileProblem, LIST_RUN_LIMIT, newestVerdict } from './standing-facts.ts';
import { standingOf } from './standing-of.ts';
import { waitingBackup } from './waiting-backup.ts';

/** Maximum number of skipped backups to read: those that arrived one after the other before any was drilled. */
const SKIPS = 200;
/** Maximum number of skips to read for a drill that is overdue, to find out whether its run was skipped because of a pause. */
const SKIPS_OF_OVERDUE = 1000;

/** A drill, what is known about it, and the resulting standing. */
export interface DrillStanding {
  readonly drill: Drill;
  readonly standing: Standing;
  /** Whether a run that was due has not started, regardless of the state. */
  readonly isOverdue: boolean;
  /** Newest first; a run whose process is gone is shown as interrupted. */
  readonly runs: readonly RunRecord[];
  /** The newest run with a verdict, even if many runs without one followed. */
  readonly lastVerdict: RunRecord | undefined;
  readonly state: DrillState | undefined;
  /** Whether its recovery identity is known to work; undefined: it has none. */
  readonly recovery?: RecoveryStanding | undefined;
  /** How much damage its checks were last shown to catch; undefined: never shown. */
  readonly proof?: ProofStanding | undefined;
  /** The acknowledgement of its problem; undefined: none in effect. */
  readonly acknowledged?: Acknowledged | undefined;
  /** The window of planned work that it is in, and the next one. */
  readonly silenced?: Silenced | undefined;
  readonly silenceAhead?: Silenced | undefined;
  /** How it compares with the drills that it races with, and those that race with it; empty: none. */
  readonly races?: readonly RaceResult[] | undefined;
  /** A drill with a schedule, each of whose runs is followed by one of this drill; undefined: there is none. */
  readonly racedBy?: string | undefined;
}

export interface Standings {
  /** In the order of the drills given. */
  readonly drills: readonly DrillStanding[];
  /** Set if no scheduler starts drills; undefined: one does. */
  readonly schedulerSilence: string | undefined;
}

/** What standings are read from. */
export type StandingsReader = Pick<
  Store,
  | 'findRuns'
  | 'findLatestCompleted'
  | 'findRecoveryProofs'
  | 'findProofs'
  | 'getAcknowledgements'
  | 'findSilences'
  | 'findSkips'
  | 'getDrillStates'
  | 'getDaemons'
>;

/** Reads from the store, except for runs, which come from the given function: from memory. */
export function readerOf(
  store: Omit<StandingsReader, 'findRuns'>,
  findRuns: StandingsReader['findRuns'],
): StandingsReader {
  return {
    findRuns,
    findLatestCompleted: (drill) => store.findLatestCompleted(drill),
    findRecoveryProofs: () => store.findRecoveryProofs(),
    findProofs: () => store.findProofs(),
    getAcknowledgements: () => store.getAcknowledgements(),
    findSilences: (range) => store.findSilences(range),
    findSkips: (filter) => store.findSkips(filter),
    getDrillStates: () => store.getDrillStates(),
    getDaemons: () => store.getDaemons(),
  };
}

/**
 * The standing of every drill, from the store.
 * @param problems problems of the files of drills that keep their last good configuration, by drill name.
 */
export async function readStandings(
  store: StandingsReader,
  drills: readonly Drill[],
  now: Date,
  problems: ReadonlyMap<string, FileProblem> = new Map(),
): Promise<Standings> {
  const schedulerSilence = describeSilence(await store.getDaemons(), now);
  const states = new Map((await store.getDrillStates()).map((state) => [state.drill, state]));
  const hasIdentity = drills.some(({ backup }) => backup.identity);
  const proofs = new Map((hasIdentity ? await store.findRecoveryProofs() : []).map((one) => [one.drill, one]));
  const checkProofs = new Map((await store.findProofs()).map((one) => [one.drill, one]));
  const said = await readSaid(store, now);
  const read: DrillStanding[] = [];
  for (const written of drills) {
    const drill = withPauses(written, said.silences);
    const runs = markAbandonedInterrupted(await store.findRuns({ drill: drill.name, limit: LIST_RUN_LIMIT }), now);
    const state = states.get(drill.name);
    const isNew = runs.length === 0;
    const lastVerdict = newestVerdict(runs) ?? (isNew ? undefined : await store.findLatestCompleted(drill.name));
    const isWaiting = waitingBackup(drill.schedule, state) !== undefined;
    const known = { runs, state, schedulerSilence };
    const mayBeOverdue = findOverdue(drill, known, now) !== undefined;
    const limit = mayBeOverdue ? SKIPS_OF_OVERDUE : SKIPS;
    const skips = isWaiting || mayBeOverdue ? await store.findSkips({ drill: drill.name, limit }) : [];
    const facts = { ...known, lastVerdict, skips, problem: problems.get(drill.name) };
    const isOverdue = findOverdue(drill, facts, now) !== undefined;
    const standing = standingOf(drill, facts, now);
    const recovery = recoveryStanding(drill.backup.identity, proofs.get(drill.name));
    const proven = checkProofs.get(drill.name);
    const proof = proven && proofStanding(proven, drill.definitionHash);
    const races = await readRaces(store, drill);
    const one = { drill, standing, isOverdue, runs, lastVerdict, state, recovery, proof, races };
    read.push({ ...one, ...saidOf(one, said, now) });
  }
  return { drills: withOthersRaces(read), schedulerSilence };
}

/** What users have said about drills: acknowledgements by drill, and windows of planned work. */
export interface Said {
  readonly acknowledgements: ReadonlyMap<string, Acknowledgement>;
  readonly silences: readonly Silence[];
}

export async function readSaid(store: Pick<Store, 'getAcknowledgements' | 'findSilences'>, now: Date): Promise<Said> {
  const made = await store.getAcknowledgements();
  return { acknowledgements: new Map(made.map((one) => [one.drill, one])), silences: await readSilences(store, now) };
}

/** The part of that which is in effect for a drill now. */
export function saidOf(
  { drill, standing, runs }: Pick<DrillStanding, 'drill' | 'standing' | 'runs'>,
  { acknowledgements, silences }: Said,
  now: Date,
): Pick<DrillStanding, 'acknowledged' | 'silenced' | 'silenceAhead'> {
  const newest = runs.filter((run) => !isOfOlderBackup(run));
  return {
    acknowledged: acknowledgedNow(acknowledgements.get(drill.name), standing, newest, now),
    silenced: silencedNow(silences, drill, now),
    silenceAhead: silenceAhead(silences, drill, now),
  };
}

/** A drill that others race with gets their comparison too. In time linear in the drills, of which most race with none. */
function withOthersRaces(all: readonly DrillStanding[]): readonly DrillStanding[] {
  const legs = all.flatMap((one) => [...new Set(one.drill.race)].map((name) => ({ name, one })));
  const racing = Map.groupBy(legs, ({ name }) => name);
  return all.map((one) => {
    const { name, race = [] } = one.drill;
    const around = racing.get(name) ?? [];
    const others = around.flatMap(({ one: { drill, races = [] } }) =>
      race.includes(drill.name) ? [] : races.filter(({ against }) => against === name),
    );
    const racedBy = around.find(({ one: { drill } }) => drill.schedule)?.one.drill.name;
    return others.length === 0 ? { ...one, racedBy } : { ...one, racedBy, races: [...(one.races ?? []), ...others] };
  });
}
