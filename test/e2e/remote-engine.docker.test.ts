import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { startLogging } from '../engines/mysql/log/logging-server.ts';
import { startSource as startMariadbSource } from '../engines/mysql/restoring.ts';
import { copyOut, startPrimary } from '../engines/postgres/physical/primary.ts';
import { makeWorkDirectory, never, startSource } from '../engines/postgres/restoring.ts';
import { TEST_IMAGES } from '../support/cli.ts';
import { type Drilled, type DrillWorkspace, makeDrillWorkspace, saysEnded } from '../support/cli-drill.ts';
import { type ObjectStore, startObjectStore } from '../support/object-store.ts';
import { canStartSecondEngine, type SecondEngine, startSecondEngine } from '../support/second-engine.ts';

/** The backed-up servers run there, too. Their backups are read here, from a store that only this host can reach. */
describe.skipIf(!inject('dockerAnswers') || !canStartSecondEngine())('on a remote container engine', () => {
  let engine: SecondEngine;
  let store: ObjectStore;
  let workspace: DrillWorkspace;
  let postgres: Awaited<ReturnType<typeof backUpPostgres>>;

  beforeAll(async () => {
    engine = await startSecondEngine();
    for (const image of ['firedrill-test/postgres:17', 'firedrill-test/mariadb:11.8']) engine.load(image);
    vi.stubEnv('DOCKER_HOST', engine.host); // before testcontainers is loaded, which caches the first engine it finds
    store = await startObjectStore();
    await store.createBucket('acme');
    postgres = await backUpPostgres(store);
  });

  beforeEach(async () => {
    workspace = await makeDrillWorkspace({
      FIREDRILL_RUNTIME: 'docker',
      ...{ S3_KEY: store.accessKeyId, S3_SECRET: store.secretAccessKey },
    });
    await workspace.write('firedrill.yaml', JSON.stringify({ images: TEST_IMAGES }));
  });

  afterEach(async () => {
    await workspace[Symbol.asyncDispose]();
    expect(engine.run('ps', '-aq') + engine.run('volume', 'ls', '-q')).toBe('');
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await store?.[Symbol.asyncDispose]();
    await engine?.stop();
  });

  /** Also returns the kinds of mounts that the sandbox had while it was used. */
  async function drill(): Promise<Drilled & { readonly mounts: string }> {
    let mounts = '';
    const onStdout = (text: string) => {
      if (saysEnded(text, 'restore'))
        mounts = engine.run('inspect', engine.run('ps', '-q'), '--format', '{{range .Mounts}}{{.Type}} {{end}}');
    };
    const drilled = await workspace.drill([], { onStdout });
    return { ...drilled, mounts };
  }

  const drillOfShop = (to: string) => {
    const at = { endpoint: store.endpoint, region: 'us-east-1', forcePathStyle: true };
    const keys = { accessKeyId: '${S3_KEY}', secretAccessKey: '${S3_SECRET}' };
    return workspace.writeDrill({
      backup: { source: 's3://acme/base/', match: '*', ...at, ...keys, log: { source: 's3://acme/wal/' } },
      engine: { type: 'postgres', database: 'shop' },
      recover: { to },
      checks: [{ name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 1000 } }],
    });
  };

  it('a base backup of Postgres is recovered from an object store, with its log, to a point in time', async () => {
    await drillOfShop(postgres.halfway);
    const { run, mounts } = await drill();
    expect(run.error).toBeUndefined();
    expect(run).toMatchObject({
      verdict: 'passed',
      sandbox: { runtime: 'docker', removed: true },
      replay: {
        archive: { newest: postgres.newest },
        lastCommit: { at: expect.any(String) },
        firstLost: { at: expect.any(String) },
      },
    });
    expect(mounts).toBe('volume');
  });

  it('a base backup that does not fit on the disk of the engine’s volumes breaks the drill without a verdict', async () => {
    using _disk = engine.limitVolumes('32m');
    await drillOfShop('latest');
    const { code, run } = await workspace.drill();
    expect(run.error).toMatchObject({
      ...{ code: 'disk-full', stage: 'restore', hint: expect.stringMatching(/^Free up space/) },
    });
    expect(run).toMatchObject({ status: 'errored', reasons: [], sandbox: { removed: true } });
    expect(code).toBe(2);
  });

  it('a target that matches deletions from two tables is refused, and both are listed', async () => {
    await drillOfShop('before mass-delete');
    const { run } = await workspace.drill();
    expect(run.error).toMatchObject({
      code: 'target-ambiguous',
      message: expect.stringContaining('several tables in shop'),
      hint: expect.stringContaining('--to "before mass-delete shop.public.visits"'),
      details: [expect.stringContaining('public.carts'), expect.stringContaining('public.visits')],
    });
    expect(run.sandbox).toMatchObject({ removed: true });
  });

  it('a backup by mariadb-backup is recovered, with its binary log, to just before a DROP DATABASE', async () => {
    await backUpMariadb(workspace.directory);
    await workspace.writeDrill({
      backup: { source: './backups', match: '*.mb', log: { source: './logs' } },
      engine: { type: 'mariadb', database: 'shop' },
      recover: { to: { before: 'drop-database', object: 'shop' } },
      checks: [{ name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 2 } }],
    });
    const { run, mounts } = await drill();
    expect(run.error).toBeUndefined();
    expect(run).toMatchObject({ verdict: 'passed', sandbox: { runtime: 'docker', removed: true } });
    expect(mounts).toBe('volume');
  });
});

const NOW = 'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')';

/** 1,000 orders by an instant, more afterwards, and two tables that lose their rows, in a log of several segments. */
async function backUpPostgres(store: ObjectStore) {
  await using directory = await makeWorkDirectory();
  const [base, wal] = [join(directory.path, 'base'), join(directory.path, 'wal')];
  await using sandbox = await startSource('17');
  const primary = await startPrimary(sandbox, '17', 16);
  await primary.sql('postgres', 'create database shop');
  await primary.sql('shop', 'create table orders (id int primary key)');
  await primary.backup(base, '-Ft', '-z', '-X', 'stream');
  await primary.sql('shop', 'insert into orders select generate_series(1, 1000)');
  const halfway = await primary.sql('shop', NOW);
  await primary.sql('shop', 'select pg_switch_wal()', 'insert into orders select generate_series(1001, 2000)');
  await primary.sql('shop', 'select pg_switch_wal()', 'insert into orders values (2001)');
  const lost = ['carts', 'visits'].map((name) => [
    `create table ${name} as select generate_series(1, 2000)`,
    `delete from ${name}`,
  ]);
  await primary.sql('shop', ...lost.flat());
  await primary.archived();
  await primary.copyArchive(wal);
  for (const name of readdirSync(base)) await store.put('acme', `base/nightly/${name}`, readFileSync(join(base, name)));
  const names = readdirSync(wal).sort();
  for (const name of names) await store.put('acme', `wal/${name}.gz`, gzipSync(readFileSync(join(wal, name))));
  return { halfway, newest: names.findLast((name) => /^[0-9A-F]{24}$/.test(name)) };
}

/** One order in the backup, and one in the log. */
async function backUpMariadb(directory: string): Promise<void> {
  await using sandbox = await startMariadbSource({ runtime: 'docker', server: 'mariadb:11.8' });
  const server = await startLogging(sandbox, 'mariadb', []);
  await server.sql(
    'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)',
  );
  const { exitCode, stderr } = await sandbox.exec(['sh', '-c', STREAM, 'sh', `${sandbox.paths.scratch}/logging`], {
    signal: never,
  });
  if (exitCode !== 0) throw new Error(stderr);
  await server.sql('INSERT INTO shop.orders VALUES (2); DROP DATABASE shop; FLUSH BINARY LOGS');
  await copyOut(sandbox, `${sandbox.paths.scratch}/logging/stream`, join(directory, 'backups'));
  await server.copy('logs', join(directory, 'logs'));
}

const STREAM = `
mkdir "$1/stream" "$1/tmp"
mariadb-backup --no-defaults --user=root --socket="$1/s" --datadir="$1/data" --tmpdir="$1/tmp" --target-dir="$1/tmp" \\
  --backup --stream=mbstream > "$1/stream/nightly.mb"
`;
