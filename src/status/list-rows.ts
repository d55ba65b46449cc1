import { describeAge, describeRecovery, type Tone, toneOf } from '../record/history-view.ts';
import type { StandingState } from '../support/vocabulary.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { ProofStanding } from './proof-standing.ts';
import type { RaceResult } from './race-result.ts';
import type { DrillStanding } from './read-standings.ts';
import type { RecoveryStanding } from './recovery-proof.ts';
import type { Silenced } from './silenced.ts';
import { compareStandings } from './standing.ts';

export interface ListRow {
  readonly drill: string;
  readonly state: StandingState;
  readonly tone: Tone;
  /** The state with its reason: `failing for 3 runs: recovery took 41 min, target 30 min`. */
  readonly sentence: string;
  /** When it entered this state; undefined: it has always been in it. */
  readonly since: Date | undefined;
  /** Age of the newest run: `9 h ago`; empty if never drilled. */
  readonly age: string;
  /** `4 min 12 s (RTO 15 min)`, from the newest run that has both; empty if none has. */
  readonly recovery: string;
  /** Id of the newest run. */
  readonly lastRun: string | undefined;
  /** Whether its recovery identity is known to work; undefined: it has none. */
  readonly recoveryIdentity: RecoveryStanding | undefined;
  /** What its checks were last shown to catch; undefined: never shown. */
  readonly proof: ProofStanding | undefined;
  /** The acknowledgement of its problem; undefined: none in effect. */
  readonly acknowledged: Acknowledged | undefined;
  /** The window of planned work that it is in; undefined: none. */
  readonly silenced: Silenced | undefined;
  /** How it compares with the drills that it races with; empty: none. */
  readonly races: readonly RaceResult[];
}

type Listed = Pick<DrillStanding, 'runs' | 'standing' | 'recovery' | 'proof' | 'acknowledged' | 'silenced' | 'races'>;

/** One row for each drill, worst first; within a state by tier and name. */
export function listRows(standings: readonly Listed[], now: Date): readonly ListRow[] {
  return standings.toSorted((a, b) => compareStandings(a.standing, b.standing)).map((one) => toRow(one, now));
}

function toRow({ standing, runs, recovery, proof, acknowledged, silenced, races = [] }: Listed, now: Date): ListRow {
  const { drill, state, sentence, since } = standing;
  const [latest] = runs;
  const timed = runs.find((run) => run.recoveryTimeMs !== undefined);
  return {
    drill,
    state,
    // A pass says nothing about the keys and credentials of the person who recovers.
    tone: recovery?.state === 'failed' ? 'bad' : state === 'passed' && latest ? toneOf(latest) : TONES[state],
    sentence,
    since,
    age: latest ? describeAge(latest.startedAt, now) : '',
    recovery: timed ? describeRecovery(timed) : '',
    lastRun: latest?.id,
    recoveryIdentity: recovery,
    proof,
    acknowledged,
    silenced,
    races,
  };
}

const TONES: Record<StandingState, Tone> = {
  broken: 'bad',
  never: 'bad',
  failed: 'bad',
  'no-new-backup': 'bad',
  overdue: 'bad',
  errored: 'bad',
  interrupted: 'warn',
  running: 'busy',
  passed: 'good',
};
