import type { Drill } from '../../src/config/drill-file.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import type { Progress } from '../../src/run/contract.ts';
import { failedRun, NOON, passedRun, runningRun } from '../support/run-records.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A drill whose file is valid. */
export function drillOf(name: string, changes: Partial<Drill> = {}): Drill {
  return {
    name,
    description: `The ${name} database, nightly`,
    owner: 'payments',
    tier: 1,
    backup: {
      source: {
        type: 's3',
        bucket: 'acme',
        prefix: `${name}/`,
        endpoint: undefined,
        region: 'eu-central-1',
        forcePathStyle: undefined,
        profile: undefined,
        credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'very-secret-key' },
      },
      match: `${name}-*.dump`,
      select: { by: 'latest' },
      takenAt: 'name',
    },
    engine: {
      type: 'postgres',
      version: 'from-backup',
      database: name,
      image: undefined,
      preload: [],
      settings: {},
    },
    sandbox: { runtime: undefined, memoryBytes: 2 ** 31, cpus: 2, pids: 512, storage: 'volume', durability: 'relaxed' },
    objectives: runningRun().objectives,
    restore: { ignoreErrors: [], jobs: undefined },
    checks: [
      {
        kind: 'sql',
        name: 'customers are all there',
        sql: 'select count(*) from customer',
        database: undefined,
        expect: { kind: 'min', value: 599 },
        timeoutMs: 60_000,
      },
    ],
    runbook: undefined,
    file: `/srv/drills/${name}.yaml`,
    place: { file: `drills/${name}.yaml`, checkLines: [12] },
    definitionHash: 'ab'.repeat(32),
    ...changes,
  };
}

/** Consecutive stages, as in a real run. */
function withTimes(run: RunRecord, startedAt: Date, recoveryMs: number): RunRecord {
  const shares = {
    locate: 0.02,
    plan: 0.01,
    'image-pull': 0,
    provision: 0.07,
    restore: 0.7,
    verify: 0.2,
    teardown: 0.05,
  };
  let atMs = startedAt.getTime();
  const stages = run.stages.map((stage) => {
    const durationMs = Math.round(recoveryMs * shares[stage.name]);
    const begun = new Date(atMs);
    atMs += durationMs;
    return { ...stage, startedAt: begun, durationMs };
  });
  return { ...run, startedAt, endedAt: new Date(atMs), recoveryTimeMs: recoveryMs, stages };
}

export function runAt(
  drill: string,
  hoursAgo: number,
  recoveryMinutes: number,
  changes: Partial<RunRecord> = {},
): RunRecord {
  const startedAt = new Date(NOON.getTime() - hoursAgo * HOUR_MS);
  const stamp = startedAt.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const id = `${stamp.slice(0, 8)}-${stamp.slice(8)}-${drill.slice(0, 6)}`;
  const run = changes.verdict === 'failed' ? failedRun() : passedRun();
  const checks = [
    { name: 'customers are all there', passed: true, expected: 'at least 599', actual: '612', durationMs: 3.25 },
    { name: 'every order has its payment', passed: true, expected: 'no row', actual: 'no row', durationMs: 41 },
  ];
  return { ...withTimes({ ...run, checks }, startedAt, recoveryMinutes * MINUTE_MS), id, drill, ...changes };
}

/** Stores runs in the order in which they happened. */
export async function record(store: Store, runs: readonly RunRecord[]): Promise<void> {
  for (const run of runs) {
    await store.claim({ ...run, status: 'running', verdict: undefined, reasons: [], endedAt: undefined });
    if (run.status !== 'running') await store.finish(run);
  }
}

/** Seven drills, each in another state, with three weeks of history. */
export const DRILLS: readonly Drill[] = [
  drillOf('orders', { description: 'Orders and invoices, nightly pg_dump', runbook: '/srv/runbooks/orders.md' }),
  drillOf('billing', { tier: 1, owner: 'finance' }),
  drillOf('shop', { tier: 2, owner: 'storefront' }),
  drillOf('ledger', { tier: 1, owner: 'finance' }),
  drillOf('search', { tier: 3, owner: 'storefront' }),
  drillOf('crm', { tier: 2, owner: 'sales' }),
  drillOf('archive', { tier: 3, owner: undefined }),
];

const SLOW = [
  {
    reason: 'too-slow',
    sentence: 'recovery took 21 min, target 15 min (6 min over); slowest: restore 14 min 42 s',
    hint: 'Compare the stages with earlier runs in `firedrill history`, then give the restore more jobs or cores, a faster format, or a longer RTO.',
  },
] as const;

export function history(): RunRecord[] {
  const nights = Array.from({ length: 21 }, (_, index) => 20 - index);
  const wrong = {
    verdict: 'failed',
    reasons: [
      {
        reason: 'wrong-data',
        sentence: '1 of 2 checks failed: every order has its payment: expected no row, got 3 rows',
        hint: 'Keep the restored copy with `firedrill run --keep 30m` and look at the rows the check is about.',
      },
    ],
    checks: [
      { name: 'customers are all there', passed: true, expected: 'at least 599', actual: '612', durationMs: 3.25 },
      { name: 'every order has its payment', passed: false, expected: 'no row', actual: '3 rows', durationMs: 41 },
    ],
  } as const;
  return [
    ...nights.map((night) =>
      runAt('orders', night * 24 + 8, 9 + (20 - night) * 0.6, night < 3 ? { verdict: 'failed', reasons: SLOW } : {}),
    ),
    ...nights.map((night) => runAt('billing', night * 24 + 7, 4 + (night % 5) * 0.3, night === 0 ? wrong : {})),
    ...nights.map((night) => runAt('shop', night * 24 + 6, 2 + (night % 3) * 0.4, {})),
    ...nights.map((night) =>
      runAt(
        'ledger',
        night * 24 + 5,
        11 + (night % 4) * 0.5,
        night === 0 ? { warnings: ['recovery took 12 min, 82 % of the target'] } : {},
      ),
    ),
    runAt('search', 30, 3, {
      status: 'errored',
      verdict: undefined,
      recoveryTimeMs: undefined,
      stages: [],
      checks: [],
      sandbox: undefined,
      error: {
        code: 'disk-full',
        stage: 'restore',
        message: 'no space is left for the data of the sandbox: 12.1 GB wanted, 3.2 GB free',
        hint: 'Free space on its disk, or point `sandbox.dataRoot` elsewhere.',
        details: ['write /data/base: no space left on device'],
      },
    }),
  ];
}

/** The first run of a drill, as recorded while it is in progress. */
export function runGoingOn(): RunRecord {
  return runAt('crm', 0, 1, {
    id: 'run-crm',
    status: 'running',
    stages: [],
    checks: [],
    backup: undefined,
    sandbox: undefined,
  });
}

/** A restore half done, with figures that no test checks. */
export function progressOf(doing: string): Progress {
  return {
    doing,
    phase: 'load',
    covers: ['load'],
    bytesRead: 1,
    totalBytes: 2,
    bytesPerSecond: 1,
    ratio: 0.5,
    isStalled: false,
  };
}

/** Fields of a run in progress that a test does not set. */
export const LIVE = { rtoMs: 900_000, prediction: undefined, backup: undefined, lastLines: [] as const } as const;
