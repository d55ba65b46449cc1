import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { openS3Source } from '../../../src/backup/drivers/s3/s3-source.ts';
import type { BackupSource } from '../../../src/backup/source.ts';
import type { Recovery, RecoveryTarget } from '../../../src/engines/format.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { meaningOf } from '../../../src/support/errors.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { type Drilled, type DrillWorkspace, makeDrillWorkspace } from '../../support/cli-drill.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import { type ObjectStore, s3Spec } from '../../support/object-store.ts';
import { startRadosgw } from '../../support/radosgw.ts';
import { keyRing } from './formats/pgbackrest/fake-repository.ts';
import { flipBytes } from './physical/flip-bytes.ts';
import { DRILLED, REFUSALS, type Refused } from './physical/pgbackrest-refusals.ts';
import { archiveInto } from './physical/pgbackrest-repository.ts';
import { startPrimary } from './physical/primary.ts';
import {
  engine,
  makeWorkDirectory,
  never,
  openBackup,
  type Restored,
  restoreInto,
  startSandbox,
  startSource,
} from './restoring.ts';

const MAJOR = '17';
/** Lists files in the sandbox and environments of processes that contain a secret. */
const FIND_SECRETS =
  'grep -r -l -a -F "$1" /drill/scratch /drill/run 2> /dev/null; for p in /proc/[0-9]*/environ; do grep -l -a -F "$1" "$p" 2> /dev/null; done; exit 0';
const PASSPHRASE = 'not the word that anything is named by';

/**
 * An encrypted repository with bundles and blocks: a full, a differential and an incremental backup, and a database
 * that was dropped after the first.
 */
describe.skipIf(!inject('dockerAnswers'))('a pgBackRest repository', () => {
  const boxes = shareSandboxes((major: string) => startSandbox('docker', major));
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  let sandbox: Sandbox;
  const labels = { full: '', diff: '', incr: '' };
  const at = (...names: readonly string[]): string => join(directory.path, ...names);

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    sandbox = await startSource(MAJOR);
    const primary = await startPrimary(sandbox, MAJOR, 16);
    const repository = await archiveInto(primary, sandbox, { passphrase: PASSPHRASE, bundle: true });
    const space = `create tablespace space location '${sandbox.paths.scratch}/primary/space'`;
    await primary.sql('postgres', space, 'create database shop', 'create database crm');
    await primary.sql('shop', 'create table orders as select id, md5(id::text) from generate_series(1, 9000) id');
    await primary.sql('shop', 'create table elsewhere tablespace space as select 7 as n');
    await primary.sql('crm', 'create table people as select n from generate_series(1, 3003) n');
    labels.full = await repository.backup('full');
    await primary.sql('postgres', 'drop database crm');
    await primary.sql('shop', 'insert into orders select generate_series(9001, 10000)');
    labels.diff = await repository.backup('diff');
    await primary.sql('shop', 'insert into orders select generate_series(10001, 11000)');
    labels.incr = await repository.backup('incr');
    await primary.sql('shop', 'insert into orders values (11001)', 'select pg_switch_wal()');
    await primary.sql('shop', 'insert into orders values (11002)', 'select pg_switch_wal()');
    await primary.archived();
    await repository.copyTo(at('repository'));
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await sandbox?.dispose();
    await directory[Symbol.asyncDispose]();
  });

  async function recover(
    box: Sandbox,
    target: RecoveryTarget,
    {
      match = 'backup/orders/*',
      source = openDirectorySource(at('repository')),
      ...options
    }: { match?: string; source?: BackupSource } & Parameters<typeof restoreInto>[2] = {},
  ): Promise<Restored> {
    const keys = keyRing(PASSPHRASE);
    const content = await openBackup(source, match, { keys, takenAt: 'name' });
    const recovery: Recovery = { target, log: undefined };
    return restoreInto(box, content, { recovery, ...options });
  }

  it('is recovered from an incremental backup and the backups that it is based on, to the end of its log', async () => {
    const box = await boxes.take(MAJOR);
    await using restored = await recover(box, { kind: 'latest' }, { database: 'shop' });
    const counts = await restored.ask('select (select count(*) from orders), (select n from elsewhere)');
    expect(counts.rows).toEqual([[11_002n, 7]]);
    expect(restored.outcome.warnings).toEqual([]);
    expect(restored.outcome.replayed).toMatchObject({
      recoverableUntil: expect.any(Date),
      logEndsWith: expect.stringMatching(/^0000000100000000000000/),
      logStoredAt: expect.any(Date),
    });
    const left = await box.exec(['find', box.paths.scratch, '-name', '*.info*'], { signal: never });
    expect(left.stdout).toBe('');
  });

  it('is restored from S3 through a gateway that keeps the store’s credentials out of the sandbox and reports its outage', async () => {
    await using store = await startRadosgw();
    await putRepository(store);
    const inS3 = await openS3Source(s3Spec(store, 'backups', { prefix: 'pgbr/' }));
    const box = await boxes.take(MAJOR);
    const how: string[] = [];
    const options = {
      database: 'shop',
      repositoryAccess: 'gateway',
      onAccess: (text: string) => how.push(text),
    } as const;
    await using restored = await recover(box, { kind: 'latest' }, { ...options, source: inS3 });
    const counts = await restored.ask('select (select count(*) from orders), (select n from elsewhere)');
    expect(counts.rows).toEqual([[11_002n, 7]]);
    expect(how).toEqual(['repository read through a read-only gateway, as the drill says']);
    const secrets = await box.exec(['sh', '-c', FIND_SECRETS, 'find', store.secretAccessKey], { signal: never });
    expect(secrets.stdout).toBe('');
    await using proxy = await startFaultProxy(store.endpoint);
    proxy.decide = ({ url }) =>
      url.includes(`${labels.full}/bundle/`) ? { kind: 'answer', status: 500, code: 'InternalError' } : undefined;
    await using workspace = await makeDrillWorkspace({
      REPOSITORY_PASS: PASSPHRASE,
      S3_KEY: store.accessKeyId,
      S3_SECRET: store.secretAccessKey,
    });
    const { code, run } = await drillIn(
      workspace,
      { source: 's3://backups/pgbr/', ...inStore(proxy.endpoint) },
      { repository: 'gateway' },
    );
    expect(run.error).toMatchObject({
      ...{ code: 'source-failed', stage: 'restore', message: expect.stringMatching(/500 InternalError/) },
    });
    expect(run).toMatchObject({ status: 'errored', reasons: [], checks: [], sandbox: { removed: true } });
    expect(code).toBe(2);
  });

  it('restores a database that was dropped after the full backup', async () => {
    const box = await boxes.take(MAJOR);
    const target = { kind: 'before', event: 'drop-database', object: 'crm' } as const;
    await using restored = await recover(box, target, { match: `backup/orders/${labels.full}` });
    expect(restored.outcome).toMatchObject({ database: 'crm', errorCount: 0 });
    expect((await restored.ask('select count(*) from people')).rows).toEqual([[3003n]]);
  });

  async function putRepository(store: ObjectStore): Promise<void> {
    await store.createBucket('backups');
    for (const entry of readdirSync(at('repository'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await store.put('backups', `pgbr/${relative(at('repository'), path)}`, readFileSync(path));
    }
  }

  /** Copies the repository and damages the copy. */
  async function copyTo(copy: string, { spoil }: Refused): Promise<string> {
    cpSync(at('repository'), copy, { recursive: true, preserveTimestamps: true });
    spoil?.({ root: (...names) => join(copy, ...names), labels });
    return copy;
  }

  async function drillCopy(of: Refused): Promise<Drilled> {
    const { word = PASSPHRASE, image, match } = of;
    await using workspace = await makeDrillWorkspace(word === '' ? {} : { REPOSITORY_PASS: word });
    await copyTo(join(workspace.directory, 'backups'), of);
    const backup = { ...(match !== undefined && { match }), ...(word === '' && { keys: undefined }) };
    return await drillIn(workspace, { source: './backups', ...backup }, { image });
  }

  async function drillIn(
    workspace: DrillWorkspace,
    backup: Readonly<Record<string, unknown>>,
    {
      repository = 'staged',
      image = `firedrill-test/postgres:${MAJOR}`,
    }: { repository?: 'staged' | 'gateway'; image?: string | undefined },
  ): Promise<Drilled> {
    await workspace.writeDrill({
      backup: { match: 'backup/orders/*', takenAt: 'name', keys: [{ env: 'REPOSITORY_PASS' }], ...backup },
      engine: { type: 'postgres', image, database: 'shop' },
      restore: { repository },
      checks: [{ name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 11_002 } }],
    });
    return await workspace.drill(['--runtime', 'docker']);
  }

  it.each(DRILLED)('is refused with %s, and the record says what to do', async (_what, of, { reason, ...error }) => {
    const { run, stdout, stderr } = await drillCopy(of);
    expect(run.error).toMatchObject(error);
    expect(run).toMatchObject(
      reason === undefined ? { status: 'errored', reasons: [] } : { verdict: 'failed', reasons: [{ reason }] },
    );
    expect(stdout + stderr).toMatch(/^[\n\x20-\x7e\u00a0-\u2fff]*$/); // no byte of what was decrypted with a wrong key
  });

  it.each(REFUSALS)(
    'is refused with %s, and the error says what to do',
    async (_what, of, { reason = 'errored', ...error }) => {
      await using work = await makeWorkDirectory();
      const source = openDirectorySource(await copyTo(join(work.path, 'backups'), of));
      const restoring = recover(await boxes.take(MAJOR), { kind: 'latest' }, { ...of, database: 'shop', source });
      const refused = await restoring.then(() => undefined).catch((thrown: unknown) => thrown);
      expect(refused).toMatchObject(error);
      expect(meaningOf(error.code)).toBe(reason);
    },
  );
});

/**
 * The oldest and the newest version of the tool, each with its server, and one of two stanzas; 2.55 is tested above.
 */
it.skipIf(!inject('dockerAnswers')).each([
  ['2.45', '15', 'bz2', 'gz', 'gateway'],
  ['2.60', '18', 'lz4', 'bz2', 'staged'],
] as const)(
  'an incremental backup of pgBackRest %s, PostgreSQL %s, %s and then %s is recovered with damaged info files, accessed by: %s',
  async (tool, major, compressType, later, access) => {
    await using directory = await makeWorkDirectory();
    await using sandbox = await startSource(major);
    const primary = await startPrimary(sandbox, major, 16);
    const repository = await archiveInto(primary, sandbox, { stanza: 'crm', compressType });
    await primary.sql('postgres', 'create database shop');
    await primary.sql('shop', 'create table orders as select id from generate_series(1, 1000) id');
    await repository.backup('full');
    await primary.sql('shop', 'insert into orders select generate_series(1001, 2000)');
    await repository.backup('incr', later);
    await primary.sql('shop', 'insert into orders values (2001)', 'select pg_switch_wal()');
    await primary.archived();
    await repository.copyTo(directory.path);
    for (const of of ['backup', 'archive'])
      cpSync(join(directory.path, of, 'crm'), join(directory.path, of, 'other'), { recursive: true });
    // pgBackRest itself uses the copies then
    flipBytes(join(directory.path, 'backup/crm/backup.info'), 300);
    rmSync(join(directory.path, 'archive/crm/archive.info'));
    await using boxes = shareSandboxes((of: string) => startSandbox('docker', of));
    for (const repositoryAccess of isFullMatrix ? (['staged', 'gateway'] as const) : [access]) {
      const content = await openBackup(directory.path, 'backup/crm/*', { takenAt: 'name' });
      const { facts } = await engine.inspect(content, never);
      expect(facts).toMatchObject({
        format: 'pgBackRest incremental',
        dumpedBy: expect.stringContaining(`pgBackRest ${tool}`),
      });
      const recovery: Recovery = { target: { kind: 'latest' }, log: undefined };
      const options = { database: 'shop', recovery, repositoryAccess };
      await using restored = await restoreInto(await boxes.take(major), content, options);
      expect((await restored.ask('select count(*) from orders')).rows).toEqual([[2001n]]);
      expect(restored.outcome.warnings).toEqual([
        expect.stringMatching(/backup\.info is damaged: .*: its copy was used$/),
      ]);
    }
  },
);

function inStore(endpoint: string) {
  const keys = { accessKeyId: '${S3_KEY}', secretAccessKey: '${S3_SECRET}' };
  return { endpoint, region: 'us-east-1', forcePathStyle: true, ...keys };
}
