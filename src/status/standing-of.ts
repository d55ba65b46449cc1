import { describeAge, describeOutcome, describeRunning, stateOf } from '../record/history-view.ts';
import type { RunRecord } from '../record/run-record.ts';
import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import type { StandingState } from '../support/vocabulary.ts';
import { markAbandonedInterrupted } from './abandoned-runs.ts';
import { findBackupsStopped } from './backups-stopped.ts';
import { withoutOlderBackups } from './older-backups.ts';
import { findOverdue, type Overdue } from './overdue.ts';
import { awaitsRetry, wasCanceledByUser } from './retry.ts';
import type { Standing } from './standing.ts';
import { type FileProblem, LIST_RUN_LIMIT, type StandingDrill, type StandingFacts } from './standing-facts.ts';

/**
 * The standing of a drill, the first of these that applies: its file is broken, never drilled, a run is in progress, failing, backups stopped arriving,
 * overdue, or else the outcome of its newest run. It is failing while its newest verdict is `failed`: an attempt that errored or was canceled says nothing
 * about the backup, and neither does a run of an older backup requested by key. A run with an expired lease counts as interrupted even before it is marked.
 */
export function standingOf(drill: StandingDrill, given: StandingFacts, now: Date): Standing {
  const all = { ...given, runs: markAbandonedInterrupted(given.runs, now) };
  const facts = withoutOlderBackups(all);
  const common = { drill: drill.name, owner: drill.owner, tier: drill.tier };
  const isFailing = findFailing(facts) !== undefined;
  return {
    ...common,
    runId: undefined,
    isProvisional: false,
    isFailing,
    ...judge(drill, facts, findOverdue(drill, all, now), now),
  };
}

/** For a drill file that has neither a valid drill nor a last good configuration. @param subject `file:drills/orders.yaml`. */
export function standingOfBrokenFile(subject: string, { problem, since }: FileProblem): Standing {
  const common = {
    drill: subject,
    owner: undefined,
    tier: undefined,
    runId: undefined,
    isFailing: false,
    isProvisional: false,
  };
  return { ...common, state: 'broken', fingerprint: 'broken', since, sentence: describeProblem(problem) };
}

type Judged = Pick<Standing, 'state' | 'sentence' | 'fingerprint' | 'since'> &
  Partial<Pick<Standing, 'runId' | 'isProvisional'>>;

function judge(drill: StandingDrill, facts: StandingFacts, overdue: Overdue | undefined, now: Date): Judged {
  const [latest] = facts.runs;
  const failing = findFailing(facts);
  if (facts.problem !== undefined) {
    const told = failing?.newest ?? latest;
    const last = told ? `; ${describeLast(told, now)}` : '';
    const sentence = `${describeProblem(facts.problem.problem)}; the last valid configuration is still used${last}`;
    return { state: 'broken', fingerprint: 'broken', since: facts.problem.since, sentence };
  }
  if (!latest) return judgeNever(overdue);
  const state = stateOf(latest);
  if (state === 'running') return { ...judgeRunning(latest, facts.runs, failing, now), isProvisional: true };
  const stopped = findBackupsStopped(drill, facts, now);
  const also = overdue ? `; and overdue since ${overdue.since}` : '';
  if (failing) {
    const judged = judgeFailing(failing, latest);
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
  return { ...judgeRuns(facts.runs), isProvisional: awaitsRetry(latest, now) || wasCanceledByUser(latest) };
}

function judgeNever(overdue: Overdue | undefined): Judged {
  const never = 'never drilled: recovery has never been tested';
  const base = { state: 'never', since: undefined } as const;
  if (!overdue) return { ...base, fingerprint: 'never', sentence: never };
  return { ...base, fingerprint: 'never:overdue', sentence: `${never}; ${overdue.sentence}` };
}

function judgeRunning(latest: RunRecord, runs: readonly RunRecord[], failing: Failing | undefined, now: Date): Judged {
  const before = failing?.newest ?? runs[1];
  const last = before ? `before that ${stateOf(before)} ${describeAge(before.startedAt, now)}` : 'its first run';
  const sentence = `${describeRunning(latest)}; ${last}`;
  return { state: 'running', fingerprint: 'running', since: latest.startedAt, sentence, runId: latest.id };
}

interface Failing {
  readonly newest: RunRecord;
  readonly since: Date;
  readonly count: number;
}

/** The failed runs since the last pass; undefined when the newest verdict is not `failed`, or there is none. */
function findFailing({ runs, lastVerdict }: StandingFacts): Failing | undefined {
  const judged = runs.filter(({ status }) => status === 'completed');
  const streak = streakOf(judged.length === 0 && lastVerdict ? [lastVerdict] : judged);
  const [newest] = streak;
  if (!newest || stateOf(newest) !== 'failed') return undefined;
  return { newest, since: streak.at(-1)?.startedAt ?? newest.startedAt, count: streak.length };
}

function judgeFailing({ newest, since, count }: Failing, latest: RunRecord): Judged {
  const outcome = describeOutcome(newest);
  const sentence =
    latest.id === newest.id
      ? `${describeStreak('failed', count)}: ${outcome}`
      : `failed since ${formatInstant(since)}: ${outcome}; last attempt ${describeAttempt(latest)}`;
  return { state: 'failed', fingerprint: fingerprintOf(newest), since, sentence, runId: newest.id };
}

/** `canceled by bob (web)`, `errored: image-missing: no image postgres:17`. */
function describeAttempt(run: RunRecord): string {
  if (run.endedBy === 'user' && run.error) return toPrintable(run.error.message, 200);
  return `${stateOf(run)}: ${outcomeOf(run)}`;
}

function judgeRuns(runs: readonly RunRecord[]): Judged {
  const streak = streakOf(runs);
  const [latest] = streak;
  if (!latest) return judgeNever(undefined);
  return {
    state: stateOf(latest),
    fingerprint: fingerprintOf(latest),
    since: streak.at(-1)?.startedAt,
    sentence: describeRun(latest, streak.length),
    runId: latest.id,
  };
}

/** The newest runs with the same outcome, up to the first with another. */
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

function describeRun(latest: RunRecord, streak: number): string {
  const state = stateOf(latest);
  const outcome = outcomeOf(latest);
  if (state === 'passed') return outcome === '' ? 'recoverable' : `recoverable, but ${outcome}`;
  return `${describeStreak(state, streak)}: ${outcome}`;
}

/** The sentence already names the state, so an error code with the same name is not repeated. */
function outcomeOf(run: RunRecord): string {
  return run.error?.code === stateOf(run) ? toPrintable(run.error.message, 1000) : describeOutcome(run);
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
  return `drill file is invalid: ${toPrintable(problem, 1000)}`;
}
