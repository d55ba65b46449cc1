import { expect, test } from 'vitest';
import type { Drill, EngineSpec } from '../../src/config/drill-file.ts';
import { describePlan, formatPlan } from '../../src/plan/format-plan.ts';
import { makePlan, type PlanInput } from '../../src/plan/make-plan.ts';
import { describePrograms } from '../../src/sandbox/registry.ts';
import { NO_VERSION } from '../../src/support/versions.ts';
import { NOON, runningRun } from '../support/run-records.ts';

const drill: Drill = {
  name: 'orders',
  description: undefined,
  owner: undefined,
  tier: 1,
  backup: {
    source: { type: 'directory', path: '/backups' },
    match: 'orders-*.dump',
    select: { by: 'latest' },
    takenAt: 'name',
  },
  engine: {
    type: 'postgres',
    version: 'from-backup',
    database: undefined,
    image: undefined,
    preload: [],
    settings: {},
  },
  sandbox: {
    runtime: undefined,
    memoryBytes: 2 * 2 ** 30,
    cpus: 2.5,
    pids: 512,
    storage: 'volume',
    durability: 'relaxed',
  },
  objectives: runningRun().objectives,
  restore: { ignoreErrors: [], jobs: undefined },
  checks: [
    {
      kind: 'sql',
      name: 'customers',
      sql: 'select 1',
      database: undefined,
      expect: { kind: 'notEmpty' },
      timeoutMs: 1000,
    },
  ],
  runbook: undefined,
  file: '/srv/drills/orders.yaml',
  place: { file: 'drills/orders.yaml', checkLines: [12] },
  definitionHash: 'ab',
};

function input(changes: Partial<PlanInput> = {}, engine: Partial<EngineSpec> = {}): PlanInput {
  return {
    drill: { ...drill, engine: { ...drill.engine, ...engine } },
    source: '/backups',
    backup: {
      kind: 'object',
      key: 'orders-2026-11-21.dump',
      objects: [{ key: 'orders-2026-11-21.dump', sizeBytes: 48_100_000, modifiedAt: NOON, etag: 'e' }],
      sizeBytes: 48_100_000,
      takenAt: new Date(NOON.getTime() - 9 * 3_600_000),
      takenAtFrom: 'name',
    },
    choice: { selection: 'latest of 31', newestTakenAt: new Date(NOON.getTime() - 9 * 3_600_000) },
    facts: {
      engine: 'postgres',
      format: 'pg_dump custom archive',
      serverVersion: '17.11',
      dumpedBy: 'pg_dump 17.11',
      roles: [],
      database: 'orders',
      tableCount: 16,
    },
    needs: { major: '17', extensions: ['citext'] },
    imageName: (version) => `postgres:${version}`,
    images: {},
    runtime: 'docker',
    describePrograms,
    reading: { bytes: 48_100_000, requests: undefined, cost: undefined },
    baseline: undefined,
    now: NOON,
    ...changes,
  };
}

test('a plan is printed as lines of text', () => {
  expect(formatPlan(makePlan(input())).join('\n')).toBe(`\
drill       orders (drills/orders.yaml)
backup      orders-2026-11-21.dump, 48.1 MB, from /backups
selected    latest of 31
taken       21 Nov 2026, 03:00 UTC (from its name), 9 h ago
format      pg_dump custom archive, by pg_dump 17.11
holds       server 17.11; database orders (named by the backup); 16 tables with data; extensions citext
engine      postgres 17, image postgres:17
sandbox     docker; 2 GiB of memory, 2.5 CPUs, 512 processes, data on a volume
isolation   no network: a Unix socket is the only way in, and there is no way out
restore     2 jobs, durability relaxed
checks      1: customers
objectives  RTO 15 min (locate, plan, provision, restore, verify); RPO 26 h
deadline    1 h
reading     48.1 MB
estimate    none: no run of this drill has passed yet`);
});

test('a plan names the files whose checksums the backup is compared with', () => {
  const plan = makePlan(input({ checksumFiles: ['orders-2026-11-21.dump.sha256', 'MD5SUMS'] }));
  expect(formatPlan(plan)).toContain('checksums   compared with orders-2026-11-21.dump.sha256, MD5SUMS');
});

test('a plan names the hosts that the sandbox may reach, and why', () => {
  const network = {
    allow: [{ host: 'vault.example.com', port: 8200 }],
    reason: 'the restore asks for its key',
  };
  const plan = makePlan(input({ needs: { ...input().needs, network } }));
  expect(plan.network).toEqual(network);
  expect(formatPlan(plan).join('\n')).toContain(
    'isolation   no network but vault.example.com:8200 (the restore asks for its key)',
  );
});

test('a plan says where the database name comes from', () => {
  expect(makePlan(input())).toMatchObject({ database: 'orders', databaseFrom: 'backup' });
  const named = makePlan(input({}, { database: 'shop' }));
  expect(named).toMatchObject({ database: 'shop', databaseFrom: 'drill' });
  expect(formatPlan(named).join('\n')).toContain('database shop (named by the drill file)');
  const { facts } = input();
  const nobody = makePlan(input({ facts: { ...facts, database: undefined } }));
  expect(nobody).toMatchObject({ database: undefined, databaseFrom: undefined });
  expect(formatPlan(nobody).join('\n')).not.toContain('database');
});

test('the image depends on the backup, the drill and the configured names', () => {
  expect(makePlan(input()).image).toBe('postgres:17');
  expect(makePlan(input({}, { image: 'acme/postgis:17' })).image).toBe('acme/postgis:17');
  expect(makePlan(input({ images: { 'postgres:17': 'mirror/pg:17' } })).image).toBe('mirror/pg:17');
  expect(makePlan(input({}, { version: '17.5' }))).toMatchObject({
    image: 'postgres:17.5',
    engine: { version: '17.5', major: '17' },
    warnings: [],
  });
  expect(makePlan(input({ imageName: () => 'toString' })).image).toBe('toString');
});

test('data files are restored only into their own major version', () => {
  const needs = { major: '17', match: 'exact' as const, extensions: [] };
  expect(makePlan(input({ needs })).engine).toEqual({ type: 'postgres', version: '17', major: '17', match: 'exact' });
  expect(makePlan(input({ needs }, { version: '17.5' })).engine).toMatchObject({ version: '17.5' });
  for (const version of ['16', '18']) {
    expect(() => makePlan(input({ needs }, { version }))).toThrow(
      expect.objectContaining({ code: 'version-unsupported' }),
    );
  }
});

test('a version older than the backup is refused, and a newer one is reported', () => {
  expect(() => makePlan(input({}, { version: '16' }))).toThrow(
    expect.objectContaining({
      code: 'version-unsupported',
      message: 'orders-2026-11-21.dump comes from postgres 17.11, and the drill requires 16, which is older',
    }),
  );
  expect(makePlan(input({}, { version: '18' }))).toMatchObject({
    image: 'postgres:18',
    warnings: [
      'restores into postgres 18, though the backup comes from 17.11: a real recovery may use another version',
    ],
  });
});

test('a backup without a version is restored into the version of the drill', () => {
  const { facts } = input();
  const unknown = { facts: { ...facts, serverVersion: 'unknown' } };
  expect(makePlan(input(unknown, { version: '15' }))).toMatchObject({
    image: 'postgres:15',
    warnings: [expect.stringMatching(/^the backup does not state its version: it is restored into postgres 15;/)],
  });
  expect(makePlan(input(unknown)).image).toBe('postgres:17');
});

test('a backup of another engine is refused', () => {
  expect(() => makePlan(input({}, { type: 'mysql' }))).toThrow(
    expect.objectContaining({
      code: 'engine-mismatch',
      message: expect.stringContaining(
        'is a backup of postgres (pg_dump custom archive, by pg_dump 17.11), and the drill restores mysql',
      ),
    }),
  );
});

test('the estimate is the size at the median rate plus fixed times', () => {
  const baseline = {
    runs: 3,
    medianRecoveryTimeMs: 99_000,
    medianRestoreBytesPerSecond: 48_100,
    timings: [],
    medianBesideRestoreMs: 5000,
    dataExpansion: undefined,
    logBytes: undefined,
  };
  const plan = makePlan(input({ baseline }));
  expect(plan.estimate).toStrictEqual({ recoveryTimeMs: 1_005_000, fromRuns: 3 });
  expect(plan.warnings).toStrictEqual([
    'recovery is estimated at 16 min 45 s, the target is 15 min: the drill may fail as too-slow',
  ]);
  expect(formatPlan(plan)).toContain('estimate    16 min 45 s (112 % of the RTO), from the last 3 passing runs');
  const unmeasured = { ...baseline, runs: 1, medianRestoreBytesPerSecond: 0 };
  expect(makePlan(input({ baseline: unmeasured })).estimate?.recoveryTimeMs).toBe(99_000);
});

test('a backup that is already too old is reported before anything is restored', () => {
  const now = new Date(NOON.getTime() + 22 * 3_600_000);
  expect(makePlan(input({ now })).warnings).toStrictEqual([
    'the backup is 31 h old, the objective is 26 h: the drill will fail as stale-backup',
  ]);
});

test('a randomly selected backup is shown with its seed, and the RPO applies to the newest one', () => {
  const select = { by: 'random', windowMs: 30 * 24 * 3_600_000 } as const;
  const drawn = { ...drill, backup: { ...drill.backup, select } };
  const choice = {
    selection: 'random: 12th of 30 within 30 d, seed 20261121-094131-k3f9qz',
    newestTakenAt: new Date(NOON.getTime() - 2 * 3_600_000),
  };
  const now = new Date(NOON.getTime() + 18 * 3_600_000);
  const plan = makePlan(input({ drill: drawn, choice, now }));
  expect(plan.warnings).toStrictEqual([]);
  expect(formatPlan(plan)).toContain(
    'selected    random: 12th of 30 within 30 d, seed 20261121-094131-k3f9qz; chosen at random for each run; the newest is 20 h old',
  );
  expect(
    makePlan(input({ drill: drawn, choice, now: new Date(now.getTime() + 7 * 3_600_000) })).warnings,
  ).toStrictEqual(['the newest backup is 27 h old, the objective is 26 h: the drill will fail as stale-backup']);
});

test('the number of jobs comes from the drill, or from the whole CPUs of the sandbox', () => {
  expect(makePlan(input()).jobs).toBe(2);
  const half = { ...drill, sandbox: { ...drill.sandbox, cpus: 0.5 } };
  expect(makePlan(input({ drill: half })).jobs).toBe(1);
  expect(makePlan(input({ drill: { ...half, restore: { ignoreErrors: [], jobs: 7 } } })).jobs).toBe(7);
});

test('the runtime of the command line takes precedence over that of the drill', () => {
  const local = { ...drill, sandbox: { ...drill.sandbox, runtime: 'local' as const } };
  expect(makePlan(input({ drill: local })).runtime).toBe('docker');
  const plan = makePlan(input({ drill: local, runtime: undefined }));
  expect(plan.runtime).toBe('local');
  expect(formatPlan(plan)).toContain('engine      postgres 17, binaries of postgres 17 on this host or from npm');
});

test('a plan is immutable, and does not change the drill', () => {
  const plan = makePlan(input());
  expect(() => Object.assign(plan, { image: 'x' })).toThrow(TypeError);
  expect(() => Object.assign(plan.backup.extensions, ['x'])).toThrow(TypeError);
  expect(() => Object.assign(plan.objectives, { rtoMs: 1 })).toThrow(TypeError);
  expect(Object.isFrozen(drill.objectives)).toBe(false);
});

test('a backup onto which no log can be replayed is refused, with what the next one needs', () => {
  const recovering = { ...drill, recover: { to: { kind: 'latest' } as const } };
  const thrown = (changes: Partial<PlanInput>) => {
    try {
      makePlan(input({ drill: recovering, ...changes }));
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(thrown({})).toMatchObject({ code: 'format-unsupported', message: expect.stringContaining('it has no log') });
  expect(thrown({ logHint: 'Dump with X.' })).toMatchObject({ code: 'log-start-unknown', hint: 'Dump with X.' });
  expect(thrown({ replaysLog: true })).toBeUndefined();
});

test('the version is omitted for a restore without a versioned server', () => {
  const facts = { ...input().facts, engine: 'files', serverVersion: NO_VERSION };
  const unversioned = input(
    { facts, needs: { major: NO_VERSION, extensions: [] }, runtime: 'local' },
    { type: 'files' },
  );
  const plan = makePlan(unversioned);
  expect(plan.warnings.join()).not.toContain('version');
  expect(describePlan(plan)).toMatch(/ into files \(local\), /);
  expect(formatPlan(plan).join('\n')).toMatch(/^engine +files, programs of this host$/m);
});

test('a folder that is its entire source has a name, and unknown facts are not printed', () => {
  const known = { database: undefined, tableCount: undefined, roles: [] };
  const needs = { ...input().needs, extensions: [] };
  const facts = { ...input().facts, ...known, serverVersion: 'unknown', dumpedBy: 'unknown', format: 'folder' };
  const lines = formatPlan(makePlan(input({ facts, needs, backup: { ...input().backup, key: '' } })));
  expect(lines).toContain('backup      ./, 48.1 MB, from /backups');
  expect(lines).toContain('format      folder');
  expect(lines.find((line) => line.startsWith('holds'))).toBeUndefined();
});

test('the estimate respects a read limit on the source of the backup, which is printed', () => {
  const share = { of: 's3://acme/', limitBytesPerSecond: 20e6, bytesPerSecond: 1e6 };
  const baseline = {
    runs: 3,
    medianRecoveryTimeMs: 10_000,
    medianRestoreBytesPerSecond: 10e6,
    medianBesideRestoreMs: 5000,
    dataExpansion: undefined,
    logBytes: undefined,
    timings: [],
  };
  expect(makePlan(input({ baseline })).estimate).toEqual({ recoveryTimeMs: 9810, fromRuns: 3 });
  const plan = makePlan(input({ source: 's3://acme/orders/', baseline, share }));
  expect(plan.estimate).toEqual({ recoveryTimeMs: 53_100, fromRuns: 3 });
  expect(formatPlan(plan).find((line) => line.startsWith('reading'))).toContain(
    'at most 1.00 MB/s, its share of 20.0 MB/s for s3://acme/',
  );
  const ofLog = makePlan(input({ source: '/backups', baseline, share }));
  expect(ofLog.estimate).toEqual({ recoveryTimeMs: 9810, fromRuns: 3 });
});
