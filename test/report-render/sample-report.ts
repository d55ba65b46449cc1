import { NO_TOTALS, type RunFigures } from '../../src/record/report-store.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { DrillHistory, ReportInput, ReportStanding } from '../../src/report/input.ts';
import { makeReport } from '../../src/report/make-report.ts';
import type { Report } from '../../src/report/report.ts';
import { STAGES } from '../../src/support/vocabulary.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';

const DAY_MS = 86_400_000;
const FROM = new Date('2026-08-01T00:00:00.000Z');
const AS_OF = new Date('2026-11-01T00:00:00.000Z');

/** A hostile text, used wherever text comes from outside. */
export const HOSTILE = `<script>alert("x")</script>'|\`=HYPERLINK("http://evil")`;

/** Three months of four drills: one gets slower and has failed, one is healthy, one has no verdict, one has never run. */
export function sampleReport(changes: Partial<ReportInput> = {}): Report {
  const orders = nightly('orders', 1, (day) => ({
    recoveryMs: 1_000_000 + day * 5200 + ((day * 7919) % 40_000),
    sizeBytes: 40e9 + day * 3e8,
    rtoMs: day < 30 ? 2_400_000 : 1_800_000,
    outcome: day === 17 || day === 18 || day > 89 ? 'failed' : day === 40 ? 'errored' : 'passed',
    image: day < 55 ? 'postgres:16' : 'postgres:17',
  }));
  const billing = nightly('billing', 2, (day) => ({
    recoveryMs: day === 60 ? 190_000 : 95_000 + ((day * 31) % 9000),
    sizeBytes: 2e9 + day * 1e6,
  }));
  const ledger = nightly('ledger', 2, () => ({
    recoveryMs: undefined,
    sizeBytes: undefined,
    outcome: 'errored',
  })).slice(-5);
  const histories = [orders, billing, ledger].map(toHistory);
  return makeReport({
    asOf: AS_OF,
    period: { from: FROM, to: AS_OF, zone: 'UTC' },
    standings: [
      standing('orders', 1, 1_800_000),
      standing('billing', 2, 300_000),
      standing('ledger', 2, 900_000),
      standing('archive', 3, 900_000),
    ],
    histories,
    endings: [...orders, ...ledger].map(({ runId }) => ({
      runId,
      sentences: [`check "${HOSTILE}": 598 (expected at least 599)`],
      error: undefined,
    })),
    evidence: evidence(),
    ...changes,
  });
}

/** Twenty drills of three tiers over ninety days, with one run each night: some fail for a while, some break, one was never drilled. */
export function largeReport(): Report {
  const asOf = new Date(FROM.getTime() + 90 * DAY_MS);
  const facts = Array.from({ length: 19 }, (_, index) =>
    nightly(`service-database-${index}`, 1 + (index % 3), (day) => ({
      recoveryMs: 300_000 + index * 40_000 + day * 900 * (index % 4) + ((day * 7919 * (index + 1)) % 30_000),
      sizeBytes: 10e9 + index * 2e9 + day * 2e8,
      rtoMs: 1_200_000,
      outcome: day % 31 === index ? 'errored' : day % 29 === index || (index === 3 && day > 84) ? 'failed' : 'passed',
    })).slice(0, 90),
  );
  const names = [...facts.map(([first]) => first?.drill ?? ''), 'never-drilled'];
  return makeReport({
    asOf,
    period: { from: FROM, to: asOf, zone: 'UTC' },
    standings: names.map((name, index) => standing(name, 1 + (index % 3), 1_200_000)),
    histories: facts.map(toHistory),
    endings: facts.flat().map(({ runId }) => ({
      runId,
      sentences: [
        'check "newest order": 3 d 4 h old (expected newer than 26 h); check "customers": 512 (expected at least 599)',
      ],
      error: undefined,
    })),
    evidence: evidence(),
    acknowledgements: names.slice(3, 5).map((drill) => ({
      drill,
      kind: 'acknowledged' as const,
      fingerprint: 'f',
      at: new Date(asOf.getTime() - 2 * DAY_MS),
      by: 'alice',
      reason: 'new disks come on Monday',
      until: undefined,
      ended: undefined,
    })),
  });
}

interface Night {
  readonly recoveryMs: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly rtoMs?: number;
  readonly outcome?: RunFigures['outcome'];
  readonly image?: string;
}

function nightly(drill: string, tier: number, describe: (day: number) => Night): readonly RunFigures[] {
  const contexts = new Map<number, RunFigures['context']>();
  const environments = new Map<string, NonNullable<RunFigures['environment']>>();
  return Array.from({ length: 92 }, (_, day): RunFigures => {
    const { recoveryMs, sizeBytes, rtoMs = 300_000, outcome = 'passed', image = 'mariadb:11.8' } = describe(day);
    const startedMs = FROM.getTime() + day * DAY_MS + 3 * 3_600_000;
    const context = contexts.get(rtoMs) ?? {
      tier,
      owner: 'payments',
      rtoMs,
      rpoMs: 93_600_000,
      counts: ['locate', 'plan', 'provision', 'restore', 'verify'],
    };
    contexts.set(rtoMs, context);
    const environment = environments.get(image) ?? {
      runtime: 'docker',
      image,
      imageId: `sha256:${image}`,
      host: 'db-host',
      serverVersion: image.split(':')[1] ?? '',
    };
    environments.set(image, environment);
    const isTimed = outcome === 'passed' || (outcome === 'failed' && day > 89);
    return {
      runId: `${new Date(startedMs).toISOString().slice(0, 10).replaceAll('-', '')}-030000-${drill}`,
      drill,
      startedMs,
      endedMs: startedMs + (recoveryMs ?? 1000),
      outcome,
      reasons: outcome === 'failed' ? (day > 89 ? ['too-slow'] : ['wrong-data']) : [],
      errorCode: outcome === 'errored' ? 'engine-unreachable' : undefined,
      triggerKind: 'schedule',
      attempt: 1,
      context,
      environment: outcome === 'errored' ? undefined : environment,
      recoveryTimeMs: isTimed ? (recoveryMs ?? 0) + (day > 89 ? 400_000 : 0) : undefined,
      dataLossMs: outcome === 'errored' ? undefined : 10_800_000,
      archiveLagMs: undefined,
      sizeBytes,
      takenMs: startedMs - 10_800_000,
      stagesMs: stagesOf(recoveryMs, day),
      warnings: 0,
      checksPassed: 3,
      checksFailed: outcome === 'failed' ? 1 : 0,
      sandboxRemoved: outcome === 'errored' ? undefined : true,
      sandboxKept: false,
    };
  });
}

const NOT_BEGUN = Object.fromEntries(STAGES.map((stage) => [stage, undefined])) as RunFigures['stagesMs'];

function stagesOf(recoveryMs: number | undefined, day: number): RunFigures['stagesMs'] {
  if (recoveryMs === undefined) return { ...NOT_BEGUN, locate: 2000, teardown: 10 };
  const slow = day > 89 ? 400_000 : 0;
  return {
    ...NOT_BEGUN,
    locate: 3000,
    plan: 1000,
    'image-pull': 0,
    provision: 8000,
    restore: recoveryMs * 0.85 - 12_000 + slow,
    verify: recoveryMs * 0.15,
    teardown: 1500,
  };
}

function toHistory(facts: readonly RunFigures[]): DrillHistory {
  const verdicts = facts.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  const before = facts[0]?.drill === 'orders' ? Array.from({ length: 30 }, (_, index) => 880_000 + index * 900) : [];
  return {
    drill: facts[0]?.drill ?? '',
    facts,
    previousRecoveryMs: before,
    previous: {
      ...NO_TOTALS,
      runs: before.length,
      judged: before.length,
      passed: before.length,
      withinRto: before.length,
      withRpo: before.length,
      withinRpo: before.length,
      rightData: before.length,
      lastVerdict: before.length > 0 ? 'passed' : undefined,
    },
    edges: {
      firstRun: facts[0],
      failingSince: undefined,
      brokenSince: undefined,
      lastRun: facts.at(-1),
      lastVerdict: verdicts.at(-1),
      lastPass: facts.findLast(({ outcome }) => outcome === 'passed'),
      nextVerdict: undefined,
      nextPass: undefined,
    },
  };
}

function standing(name: string, tier: number, rtoMs: number): ReportStanding {
  return {
    drill: { name, tier, owner: 'payments', schedule: undefined, objectives: { rtoMs, rpoMs: 93_600_000 } },
    isOverdue: false,
    standing: {
      drill: name,
      owner: 'payments',
      tier,
      state: name === 'archive' ? 'never' : 'passed',
      sentence: 'never drilled',
      fingerprint: '',
      since: undefined,
      runId: undefined,
      isFailing: false,
      isProvisional: false,
    },
  };
}

function evidence(): readonly RunRecord[] {
  const hostileCheck = {
    name: HOSTILE,
    passed: false,
    expected: 'at least 599',
    actual: `${HOSTILE}\u202e`,
    durationMs: 3,
  };
  return [
    passedRun({ id: '20261031-030000-orders', startedAt: new Date(NOON.getTime() - 21 * DAY_MS) }),
    failedRun({
      id: '20260818-030000-orders',
      drill: 'orders',
      startedAt: new Date('2026-08-18T03:00:00.000Z'),
      checks: [hostileCheck],
    }),
  ];
}
