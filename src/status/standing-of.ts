import { describeAge, describeOutcome, describeRunning, stateOf } from '../record/history-view.ts';
import type { RunRecord } from '../record/run-record.ts';
import { toPrintable } from '../support/printable.ts';
import type { StandingState } from '../support/words.ts';
import { endAbandoned } from './abandoned-runs.ts';
import { findBackupsStopped } from './backups-stopped.ts';
import { awaitsFreshAttempt, wasGivenUpByHand } from './fresh-attempt.ts';
import { findOverdue, type Overdue } from './overdue.ts';
import type { Standing } from './standing.ts';
import { type FileProblem, LIST_RUN_LIMIT, type StandingDrill, type StandingFacts } from './standing-facts.ts';

/**
 * How a drill stands, worst first: its file is broken, never drilled, failing, backups stopped coming, overdue, errored, cut off, passed. A run that
 * goes on says `running`, whatever was before. A run whose lease has run out is cut off, also while nobody has marked it.
 */
export function standingOf(drill: StandingDrill, given: StandingFacts, now: Date): Standing {
  const facts = { ...given, runs: endAbandoned(given.runs, now) };
  const common = { drill: drill.name, owner: drill.owner, tier: drill.tier };
  return { ...common, runId: undefined, isProvisional: false, ...judge(drill, facts, now) };
}

/** Of a drill file that holds no drill, and of which no good definition is known. @param subject `file:drills/orders.yaml`. */
export function standingOfBrokenFile(subject: string, { problem, since }: FileProblem): Standing {
  const common = { drill: subject, owner: undefined, tier: undefined, runId: undefined, isProvisional: false };
  return { ...common, state: 'broken', fingerprint: 'broken', since, sentence: describeProblem(problem) };
}

type Judged = Pick<Standing, 'state' | 'sentence' | 'fingerprint' | 'since'> &
  Partial<Pick<Standing, 'runId' | 'isProvisional'>>;

function judge(drill: StandingDrill, facts: StandingFacts, now: Date): Judged {
  const [latest] = facts.runs;
  if (facts.problem !== undefined) {
    const last = latest ? `; ${describeLast(latest, now)}` : '';
    const sentence = `${describeProblem(facts.problem.problem)}; the last good definition stays in force${last}`;
    return { state: 'broken', fingerprint: 'broken', since: facts.problem.since, sentence };
  }
  const overdue = findOverdue(drill, facts, now);
  if (!latest) return judgeNever(overdue);
  const state = stateOf(latest);
  if (state === 'running') return { ...judgeRuns(facts.runs, now), isProvisional: true };
  const stopped = findBackupsStopped(drill, facts, now);
  const also = overdue ? `; and overdue since ${overdue.since}` : '';
  if (state === 'failed') {
    const judged = judgeRuns(facts.runs, now);
    return { ...judged, sentence: `${judged.sentence}${also}` };
  }
  if (stopped) {
    const sentence = `${stopped.sentence}${also} (${describeLast(latest, now)})`;
    return { state: 'no-new-backup', fingerprint: 'no-new-backup', since: stopped.since, sentence };
  }
  if (overdue) {
    const sentence = `overdue: ${overdue.sentence} (${describeLast(latest, now)})`;
    return { state: 'overdue', fingerprint: 'overdue', since: overdue.dueAt, sentence };
  }
  return { ...judgeRuns(facts.runs, now), isProvisional: awaitsFreshAttempt(latest, now) || wasGivenUpByHand(latest) };
}

function judgeNever(overdue: Overdue | undefined): Judged {
  const never = 'never drilled: nobody knows whether it can be recovered';
  const base = { state: 'never', since: undefined } as const;
  if (!overdue) return { ...base, fingerprint: 'never', sentence: never };
  return { ...base, fingerprint: 'never:overdue', sentence: `${never}; ${overdue.sentence}` };
}

function judgeRuns(runs: readonly RunRecord[], now: Date): Judged {
  const streak = streakOf(runs);
  const [latest] = streak;
  if (!latest) return judgeNever(undefined);
  return {
    state: stateOf(latest),
    fingerprint: fingerprintOf(latest),
    since: streak.at(-1)?.startedAt,
    sentence: describeRuns(latest, runs, streak.length, now),
    runId: latest.id,
  };
}

/** The runs that ended as the newest one did, up to the first that did not. */
function streakOf(runs: readonly RunRecord[]): readonly RunRecord[] {
  const [latest] = runs;
  const other = runs.findIndex((run) => latest && stateOf(run) !== stateOf(latest));
  return other === -1 ? runs : runs.slice(0, other);
}

function fingerprintOf(run: RunRecord): string {
  const state = stateOf(run);
  if (state === 'failed') return `failed:${[...new Set(run.reasons.map(({ reason }) => reason))].sort().join(',')}`;
  return state === 'errored' ? `errored:${run.error?.code ?? 'internal'}` : state;
}

function describeRuns(latest: RunRecord, runs: readonly RunRecord[], streak: number, now: Date): string {
  const state = stateOf(latest);
  if (state === 'running') {
    const before = runs[1];
    const last = before ? `before that ${stateOf(before)} ${describeAge(before.startedAt, now)}` : 'its first run';
    return `${describeRunning(latest)}; ${last}`;
  }
  const outcome = latest.error?.code === state ? toPrintable(latest.error.message, 1000) : describeOutcome(latest);
  if (state === 'passed') return outcome === '' ? 'recovers' : `recovers, but ${outcome}`;
  return `${describeStreak(state, streak)}: ${outcome}`;
}

function describeStreak(state: StandingState, count: number): string {
  if (count === 1) return state;
  const more = count >= LIST_RUN_LIMIT ? ' or more' : '';
  const word = state === 'failed' ? 'failing' : state === 'errored' ? 'erroring' : state;
  return `${word} for ${count} runs${more}`;
}

function describeLast(run: RunRecord, now: Date): string {
  return `last run: ${stateOf(run)}, ${describeAge(run.startedAt, now)}`;
}

function describeProblem(problem: string): string {
  return `its file is broken: ${toPrintable(problem, 1000)}`;
}
