import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSampleServer } from '../../demo/sample-server.ts';
import { makeWorkDirectory } from '../engines/postgres/restoring.ts';
import { type Drilled, makeDrillWorkspace } from '../support/cli-drill.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startObjectStore } from '../support/object-store.ts';
import { REFUSALS, type Refused } from './recovery-refusals.ts';

let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
/** Segments of the archive, in order, from the backup's first on. */
let segments: readonly string[] = [];
/** An instant between the start of the backup and its end. */
let meanwhile = '';
const NOW = 'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\') as at';
const at = (...names: readonly string[]): string => join(directory.path, ...names);

/** One server; whatever prevents its backup from being recovered is done to copies of its files, which are small. */
beforeAll(async () => {
  directory = await makeWorkDirectory();
  await using server = await startSampleServer(['max_connections = 333', 'max_prepared_transactions = 10'], 1);
  await server.sql('postgres', 'create database shop');
  await server.sql('shop', 'create table orders (id int primary key)');
  const tar = await server.backup(async () => {
    await server.sql('shop', 'create table visits (id int)');
    const [row] = await server.sql('shop', 'select pg_sleep(0.01)', NOW);
    await server.sql('shop', 'select pg_switch_wal()');
    meanwhile = row?.['at'] ?? '';
    await server.sql('shop', 'select pg_sleep(0.01)', 'drop table visits');
  });
  await server.sql(
    'shop',
    'insert into orders select generate_series(1, 1000)',
    'create unlogged table sessions (id int)',
    "begin; insert into orders values (9999); prepare transaction 'open'",
    'select pg_switch_wal()',
    "select pg_logical_emit_message(true, 'of an extension', 'x')",
    'insert into orders values (1001)',
    'select pg_switch_wal()',
    'insert into orders values (1002)',
    'select pg_switch_wal()',
  );
  mkdirSync(at('base'));
  execFileSync('tar', ['-xzf', tar, '-C', at('base')]);
  cpSync(await server.stop(), at('log'), { recursive: true });
  cpSync(server.dataDirectory, at('stopped'), { recursive: true, preserveTimestamps: true });
  const [, first = ''] =
    /START WAL LOCATION: \S+ \(file (\w+)\)/.exec(readFileSync(at('base/backup_label'), 'utf8')) ?? [];
  segments = readdirSync(at('log'))
    .filter((name) => /^[0-9A-F]{24}$/.test(name) && name >= first)
    .sort();
});

afterAll(() => directory[Symbol.asyncDispose]());

/** @param log where its log is; by default a copy in a directory. @param size of the file system for the sandbox’s data; by default that of this host. */
async function drillOn({
  spoil,
  to,
  hasLog = true,
  engine = {},
  size,
  log: stored = { source: './log' },
}: Refused & { size?: string; log?: Record<string, unknown> }): Promise<Drilled> {
  await using workspace = await makeDrillWorkspace({ S3_KEY: 'test', S3_SECRET: 'test' });
  const [base, log] = [join(workspace.directory, 'backups/orders'), join(workspace.directory, 'log')];
  cpSync(at('base'), base, { recursive: true });
  cpSync(at('log'), log, { recursive: true });
  const paths = segments.map((name) => join(log, name));
  spoil?.({
    ...{ base, log },
    segment: (index) => paths.at(index) ?? '',
    segmentWith: (text) => paths.find((path) => readFileSync(path).includes(text)) ?? '',
  });
  const checks = [{ name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 1002 } }];
  await workspace.writeDrill({
    backup: { source: './backups', match: 'orders', ...(hasLog && { log: stored }) },
    engine: { type: 'postgres', database: 'shop', ...engine },
    ...(to === undefined ? {} : { recover: { to } }),
    checks,
  });
  if (size === undefined) return await workspace.drill();
  const disk = join(workspace.directory, 'small');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', disk]);
  try {
    await workspace.write('firedrill.yaml', 'sandbox: { dataRoot: ./small }\n');
    return await workspace.drill();
  } finally {
    execFileSync('umount', [disk]);
  }
}

it('a backup is recovered with all of its log, whatever the limits of the backed-up server, with warnings', async () => {
  const { run } = await drillOn({});
  expect(run.error).toBeUndefined();
  expect(run).toMatchObject({ verdict: 'passed', replay: { isWholeLog: true } });
  expect(run.warnings).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^1 prepared transaction is still open/),
      expect.stringMatching(/^1 unlogged table is empty/),
    ]),
  );
});

describe('a recovery of a data directory is refused, and recorded with what to do, for', () => {
  it.each(REFUSALS)('%s', async (_what, of, code, says, hint) => {
    const { run } = await drillOn(of);
    expect(run.error).toMatchObject({
      code,
      message: expect.stringMatching(says),
      hint: expect.stringMatching(hint),
    });
    expect(run.verdict).toBe(/^(?:image|target-in|tool|version)-/.test(code) ? undefined : 'failed');
  });
});

it('no recovery ends at an instant between the start and the end of the backup', async () => {
  const { run } = await drillOn({ to: meanwhile });
  expect(run.error).toMatchObject({
    ...{ code: 'target-not-reached', stage: 'restore', hint: expect.stringMatching(/older backup/) },
    message: expect.stringMatching(/^\d+ \w+ \d{4}, .* UTC is before the end of orders\S*$/),
  });
  expect(run).toMatchObject({ verdict: 'failed', reasons: [{ reason: 'unrestorable' }], sandbox: { removed: true } });
});

it('a store that fails permanently while the log is replayed breaks the drill, and is not mistaken for the end of the log', async () => {
  await using store = await startObjectStore();
  await store.createBucket('acme');
  for (const name of segments) await store.put('acme', `wal/${name}.gz`, gzipSync(readFileSync(at('log', name))));
  await using proxy = await startFaultProxy(store.endpoint);
  const last = segments.at(-1) ?? '';
  proxy.decide = ({ method, url }) =>
    method === 'GET' && url.includes(last) ? { kind: 'answer', status: 500, code: 'InternalError' } : undefined;
  const { code, run, stdout } = await drillOn({ log: { source: 's3://acme/wal/', ...inStore(proxy.endpoint) } });
  expect(run.error).toMatchObject({
    ...{ code: 'source-failed', stage: 'restore', message: expect.stringMatching(/500 InternalError/) },
  });
  expect(run.error?.message).toContain(last);
  expect(run).toMatchObject({
    ...{ status: 'errored', reasons: [], checks: [], sandbox: { removed: true } },
    replay: { to: 'the end of the log archive, which was not reached', isWholeLog: false },
  });
  expect(run.verdict).toBeUndefined();
  expect(run.stages.flatMap(({ phases }) => phases.map(({ name }) => name))).toContain('replay');
  expect(stdout).not.toMatch(/recovered to/);
  expect(code).toBe(2);
});

it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
  'a backup without enough space in the sandbox breaks the drill without a verdict (needs root, to mount a file system)',
  async () => {
    const { code, run } = await drillOn({ size: '16m' });
    expect(run.error).toMatchObject({ code: 'disk-full', hint: expect.stringMatching(/^Free up space/) });
    expect(run).toMatchObject({ status: 'errored', reasons: [], sandbox: { removed: true } });
    expect(code).toBe(2);
  },
);

function inStore(endpoint: string) {
  const keys = { accessKeyId: '${S3_KEY}', secretAccessKey: '${S3_SECRET}' };
  return { endpoint, region: 'us-east-1', forcePathStyle: true, ...keys };
}

interface Stopped {
  readonly log?: boolean;
  /** Damages the copy. */
  readonly spoil?: (data: string) => void;
}

/** Drills the unchanged files of the server after its shutdown. */
async function drillStopped(as: 'directory' | 'tar', { log = false, spoil }: Stopped = {}): Promise<Drilled> {
  await using workspace = await makeDrillWorkspace();
  const backups = join(workspace.directory, 'backups');
  const data = as === 'directory' ? join(backups, 'orders') : join(workspace.directory, 'main');
  cpSync(at('stopped'), data, { recursive: true, preserveTimestamps: true });
  spoil?.(data);
  if (as === 'tar') execFileSync('tar', ['-czf', join(backups, 'orders.tar.gz'), '-C', workspace.directory, 'main']);
  if (log) cpSync(at('log'), join(workspace.directory, 'log'), { recursive: true });
  await workspace.writeDrill({
    backup: { source: './backups', match: 'orders*', ...(log && { log: { source: './log' } }) },
    engine: { type: 'postgres', database: 'shop' },
    checks: [{ name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 1002 } }],
  });
  return await workspace.drill();
}

const LATER = new Date('2100-01-01T00:00:00Z');

describe('a copy of the files of a server that was shut down', () => {
  it.each([
    ['directory', false],
    ['tar', true],
  ] as const)('is recovered: a %s; with a log archive that ends there: %s', async (as, log) => {
    const { run } = await drillStopped(as, { log });
    expect(run.error).toBeUndefined();
    expect(run).toMatchObject({ verdict: 'passed', reasons: [] });
    expect(run.warnings).toContainEqual(expect.stringMatching(/is a copy of a stopped server: whether each file/));
    const ends = run.warnings.filter((warning) => /log ends with [0-9A-F]{24}, before the server was/.test(warning));
    expect(ends).toHaveLength(log ? 1 : 0);
  });

  it.each<[what: string, as: 'directory' | 'tar', spoil: (data: string) => void, code: string, says: RegExp]>([
    [
      'a server that was started again',
      'directory',
      (data) => writeFileSync(join(data, 'postmaster.pid'), '1\n'),
      'backup-corrupt',
      /not a copy of a stopped server: it has a postmaster\.pid/,
    ],
    [
      'a file that was written after the shutdown',
      'tar',
      (data) => utimesSync(join(data, 'pg_xact/0000'), LATER, LATER),
      'backup-corrupt',
      /it has pg_xact\/0000, which was written after the server had been shut down/,
    ],
    [
      'no log',
      'directory',
      (data) => rmSync(join(data, 'pg_wal'), { recursive: true }),
      'backup-truncated',
      /the log that its recovery begins with is missing or damaged/,
    ],
  ])('is refused with %s', async (_what, as, spoil, code, says) => {
    const { run } = await drillStopped(as, { spoil });
    expect(run.error).toMatchObject({ code, message: expect.stringMatching(says), hint: expect.stringMatching(/\.$/) });
    expect(run).toMatchObject({ verdict: 'failed', reasons: [{ reason: 'unrestorable' }], sandbox: { removed: true } });
  });
});

const BACKUP = 'base_000000010000000000000002';

/** Drills the same files as WAL-G stores them, without compression. */
async function drillWalG(spoil: (repository: string) => void = () => undefined): Promise<Drilled> {
  await using workspace = await makeDrillWorkspace();
  const repository = join(workspace.directory, 'backups');
  const backup = join(repository, 'basebackups_005', BACKUP);
  mkdirSync(join(backup, 'tar_partitions'), { recursive: true });
  const pack = (to: string, ...what: readonly string[]) =>
    execFileSync('tar', ['-cf', join(backup, 'tar_partitions', to), '-C', at('base'), ...what]);
  pack('part_001.tar', '--exclude=./global/pg_control', '.');
  pack('pg_control.tar', 'global/pg_control');
  const [, start = '0'] =
    /START WAL LOCATION: 0\/([0-9A-F]+)/.exec(readFileSync(at('base/backup_label'), 'utf8')) ?? [];
  const metadata = { start_lsn: Number.parseInt(start, 16), pg_version: 180_000, hostname: 'db1' };
  writeFileSync(join(backup, 'metadata.json'), JSON.stringify(metadata));
  writeFileSync(`${backup}_backup_stop_sentinel.json`, JSON.stringify({ LSN: metadata.start_lsn, PgVersion: 180_000 }));
  cpSync(at('log'), join(repository, 'wal_005'), { recursive: true });
  spoil(repository);
  await workspace.writeDrill({
    backup: { source: './backups', match: 'basebackups_005/*' },
    engine: { type: 'postgres', database: 'shop' },
    checks: [{ name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 1002 } }],
  });
  return await workspace.drill();
}

describe('a backup in the layout of WAL-G', () => {
  const sentinel = join('basebackups_005', `${BACKUP}_backup_stop_sentinel.json`);

  it('is recovered with the log stored with it', async () => {
    const { run } = await drillWalG();
    expect(run.error).toBeUndefined();
    expect(run).toMatchObject({
      verdict: 'passed',
      warnings: expect.arrayContaining([
        expect.stringMatching(/never tested against a backup that WAL-G itself wrote/),
      ]),
    });
  });

  // For what else is refused there, see test/engines/postgres/formats/wal-g/wal-g.test.ts.
  it('is refused before a sandbox exists if its sentinel says that it is a delta', async () => {
    const { run } = await drillWalG((root) =>
      writeFileSync(join(root, sentinel), JSON.stringify({ LSN: 1, DeltaFrom: 'base_000000010000000000000001' })),
    );
    expect(run.error).toMatchObject({
      ...{ code: 'format-unsupported', stage: 'locate', hint: expect.stringMatching(/Drill full backups/) },
      message: expect.stringMatching(/is a delta backup, based on base_000000010000000000000001/),
    });
    expect(run.sandbox).toBeUndefined();
  });
});
