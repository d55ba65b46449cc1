import {
  type FactContext,
  type FactEnvironment,
  type HistoryEdges,
  NO_EDGES,
  type RunFigures,
} from '../../src/record/report-store.ts';
import type { DrillHistory, ReportInput, ReportStanding } from '../../src/report/input.ts';
import type { StandingState } from '../../src/support/vocabulary.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { totalsOf } from '../support/memory-reports.ts';

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** Midnight of 2026-11-21 in UTC, the time of the reports in these tests. */
export const NOW = new Date('2026-11-21T00:00:00.000Z');

export const CONTEXT: FactContext = {
  tier: 1,
  owner: 'payments',
  rtoMs: 30 * MINUTE_MS,
  rpoMs: 26 * 3_600_000,
  counts: ['locate', 'plan', 'provision', 'restore', 'verify'],
};

export const ENVIRONMENT: FactEnvironment = {
  runtime: 'docker',
  image: 'postgres:17',
  imageId: 'sha256:17',
  host: 'db-1',
  serverVersion: '17.4',
};

/** This many days before now. */
export function daysAgo(days: number): Date {
  return new Date(NOW.getTime() - days * DAY_MS);
}

/** A pass this many days ago that took a minute besides its restore; of 60 GB by default. */
export function passedFact(agoDays: number, restoreMinutes = 10, changes: Partial<RunFigures> = {}): RunFigures {
  const startedMs = daysAgo(agoDays).getTime();
  const restoreMs = restoreMinutes * MINUTE_MS;
  return {
    runId: `run-${agoDays}`,
    drill: 'orders',
    startedMs,
    endedMs: startedMs + restoreMs + MINUTE_MS,
    outcome: 'passed',
    reasons: [],
    errorCode: undefined,
    triggerKind: 'schedule',
    attempt: 1,
    context: CONTEXT,
    environment: ENVIRONMENT,
    recoveryTimeMs: restoreMs + MINUTE_MS,
    dataLossMs: 3_600_000,
    archiveLagMs: undefined,
    sizeBytes: 60e9,
    takenMs: startedMs - 3_600_000,
    stagesMs: {
      locate: 1000,
      plan: 1000,
      'image-pull': 0,
      provision: 8000,
      restore: restoreMs,
      verify: 50_000,
      teardown: 2000,
    },
    warnings: 0,
    checksPassed: 2,
    checksFailed: 0,
    sandboxRemoved: true,
    sandboxKept: false,
    ...changes,
  };
}

/** A backup of this size, restored at 100 MB/s. */
export function sizedFact(agoDays: number, sizeBytes: number, changes: Partial<RunFigures> = {}): RunFigures {
  return passedFact(agoDays, sizeBytes / 100e6 / 60, { sizeBytes, ...changes });
}

export function failedFact(agoDays: number, changes: Partial<RunFigures> = {}): RunFigures {
  return passedFact(agoDays, 41, { outcome: 'failed', reasons: ['too-slow'], ...changes });
}

/** A run that proves nothing about recovery. */
export function brokenFact(agoDays: number, outcome: 'errored' | 'interrupted' = 'errored'): RunFigures {
  const errorCode = outcome === 'errored' ? 'disk-full' : 'interrupted';
  return passedFact(agoDays, 1, { outcome, errorCode, recoveryTimeMs: undefined, dataLossMs: undefined });
}

/** The history that a store would return for these runs alone; `edges` adds what came before and after them. */
export function historyOf(
  facts: readonly RunFigures[],
  edges: Partial<HistoryEdges> = {},
  fromDays = 30,
): DrillHistory {
  const [first] = facts;
  const isVerdict = ({ outcome }: RunFigures) => outcome === 'passed' || outcome === 'failed';
  const from = daysAgo(fromDays).getTime();
  const before = daysAgo(2 * fromDays).getTime();
  return {
    drill: first?.drill ?? 'orders',
    facts,
    previous: totalsOf(facts.filter(({ startedMs }) => startedMs >= before && startedMs < from)),
    previousRecoveryMs: facts
      .filter((fact) => isVerdict(fact) && fact.startedMs >= before && fact.startedMs < from)
      .flatMap(({ recoveryTimeMs }) => recoveryTimeMs ?? []),
    edges: {
      ...NO_EDGES,
      firstRun: first,
      lastRun: facts.at(-1),
      lastVerdict: facts.findLast(isVerdict),
      lastPass: facts.findLast(({ outcome }) => outcome === 'passed'),
      ...edges,
    },
  };
}

export function standingOfDrill(
  name = 'orders',
  changes: Partial<ReportStanding['drill']> = {},
  state: StandingState = 'passed',
): ReportStanding {
  const drill = { name, owner: 'payments', tier: 1, schedule: scheduleOf(), objectives: CONTEXT, ...changes };
  const standing = {
    drill: name,
    owner: drill.owner,
    tier: drill.tier,
    state,
    sentence: `${state} as it is`,
    fingerprint: state,
    since: undefined,
    runId: undefined,
    isFailing: state === 'failed',
    isProvisional: false,
  };
  return { drill, standing, isOverdue: state === 'overdue' };
}

/** The last 30 days of `orders`, in UTC. */
export function inputOf(changes: Partial<ReportInput> = {}): ReportInput {
  return {
    asOf: NOW,
    period: { from: daysAgo(30), to: NOW, zone: 'UTC' },
    standings: [standingOfDrill()],
    histories: [],
    endings: [],
    evidence: [],
    ...changes,
  };
}
