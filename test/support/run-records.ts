import type { RunRecord, StageRecord } from '../../src/record/run-record.ts';
import { STAGES } from '../../src/support/vocabulary.ts';

export const NOON = new Date('2026-11-21T12:00:00.000Z');

/** A run as it is claimed, with the given changes. */
export function runningRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '20261121-120000-aaaaaa',
    drill: 'orders',
    drillFile: '/srv/drills/orders.yaml',
    definitionHash: 'ab'.repeat(32),
    definition: '{"name":"orders"}',
    triggeredBy: 'by hand (alice)',
    trigger: { kind: 'hand', dueAt: undefined, attempt: 1 },
    owner: 'payments',
    tier: 1,
    status: 'running',
    verdict: undefined,
    reasons: [],
    warnings: [],
    error: undefined,
    endedBy: undefined,
    canceledBy: undefined,
    retryable: false,
    startedAt: NOON,
    endedAt: undefined,
    objectives: {
      rtoMs: 900_000,
      rpoMs: 93_600_000,
      warnAtRatio: 0.8,
      counts: ['locate', 'plan', 'provision', 'restore', 'verify'],
      deadlineMs: 3_600_000,
    },
    recoveryTimeMs: undefined,
    dataLossMs: undefined,
    stages: [],
    checks: [],
    identity: undefined,
    backup: undefined,
    protection: undefined,
    proof: undefined,
    reading: undefined,
    sandbox: undefined,
    accepted: undefined,
    restoreErrors: [],
    restoreErrorCount: 0,
    leaseOwner: 'db-host/boot/4242/1',
    leaseExpiresAt: new Date(NOON.getTime() + 120_000),
    firedrillVersion: '0.1.0',
    ...changes,
  };
}

/** The same run after it passed, with every stage and field set. */
export function passedRun(changes: Partial<RunRecord> = {}): RunRecord {
  return runningRun({
    status: 'completed',
    verdict: 'passed',
    endedBy: 'itself',
    endedAt: new Date(NOON.getTime() + 60_000),
    recoveryTimeMs: 4000,
    dataLossMs: 32_400_000,
    stages: STAGES.map((name) => stageOf(name, 1000)),
    checks: [{ name: 'customers', passed: true, expected: 'at least 599', actual: '599', durationMs: 3 }],
    identity: { name: 'drill', keys: ['age1orders'], principal: 'access key …WXYZ' },
    backup: {
      source: 's3://acme/orders/',
      key: 'orders/orders-2026-11-21.dump',
      sizeBytes: 48_100_000_000,
      takenAt: new Date('2026-11-21T03:00:00.000Z'),
      etag: '"abc"',
      format: 'pg_dump custom archive',
      serverVersion: '17.11',
      dumpedBy: 'pg_dump 17.11',
      selection: 'latest of 31',
      newestTakenAt: new Date('2026-11-21T03:00:00.000Z'),
    },
    protection: {
      answer: 'protected',
      requiredMs: 2_592_000_000,
      onFinding: 'fail',
      mode: 'compliance',
      lockedUntil: new Date('2026-12-21T03:00:00.000Z'),
      legalHold: false,
      versioning: 'enabled',
      findings: [],
      notes: ['lifecycle rules could not be read'],
      probe: { outcome: 'refused', principal: 'access key …WXYZ' },
    },
    reading: {
      planned: { bytes: 48_100_000_000, requests: 22_937, cost: { amount: 4.34, currency: 'USD' } },
      actual: { bytes: 48_100_000_000, requests: 22_940, cost: { amount: 4.34, currency: 'USD' } },
    },
    sandbox: {
      runtime: 'docker',
      image: 'postgres:17',
      imageId: 'sha256:1234',
      isolation: 'no network',
      serverVersion: '17.11',
      removed: true,
      kept: false,
      dataBytes: 96_200_000_000,
    },
    ...changes,
  });
}

export function failedRun(changes: Partial<RunRecord> = {}): RunRecord {
  return passedRun({
    verdict: 'failed',
    reasons: [
      { reason: 'too-slow', sentence: 'recovery took 41 min, target 15 min (26 min over)', hint: 'Add cores.' },
    ],
    ...changes,
  });
}

export function stageOf(
  name: StageRecord['name'],
  durationMs: number,
  outcome: StageRecord['outcome'] = 'ok',
  phases: StageRecord['phases'] = [],
): StageRecord {
  return { name, startedAt: NOON, durationMs, outcome, phases };
}
