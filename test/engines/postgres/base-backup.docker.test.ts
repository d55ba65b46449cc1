import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { recover } from '../../../src/engines/postgres/recovery/recover.ts';
import { findTools } from '../../../src/engines/postgres/server/installed-tools.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { type Drilled, makeDrillWorkspace } from '../../support/cli-drill.ts';
import { flipBytes } from './physical/flip-bytes.ts';
import { type Primary, startPrimary } from './physical/primary.ts';
import { makeWorkDirectory, never, openBackup, restoreInto, startSandbox, startSource } from './restoring.ts';

const MAJOR = '17';

/** One server is backed up in several ways, and each backup is damaged in a different way. */
describe.skipIf(!inject('dockerAnswers'))('a base backup of Postgres', () => {
  const boxes = shareSandboxes((major: string) => startSandbox('docker', major));
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  let sandbox: Sandbox;
  const at = (...names: readonly string[]): string => join(directory.path, ...names);

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    sandbox = await startSource(MAJOR);
    const primary = await startPrimary(sandbox, MAJOR);
    await fill(primary, sandbox);
    await primary.backup(at('zstd'), '-Ft', '--compress=client-zstd:1', '-X', 'stream');
    await addIncrements(primary, sandbox, at);
    await primary.backup(at('none'), '-Ft', '-X', 'none');
    await primary.sql('shop', 'drop table elsewhere');
    await primary.sql('postgres', 'drop tablespace space');
    await primary.backup(at('stdout'), '-Ft', '-X', 'fetch', '-D', '-');
    await primary.moveConfiguration();
    await primary.backup(at('plain'), '-Fp', '-X', 'stream');
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await sandbox?.dispose();
    await directory[Symbol.asyncDispose]();
  });

  it('is recovered from compressed tars, with its tablespace, and nothing in it runs by itself', async () => {
    const box = await boxes.take(MAJOR);
    await using restored = await restoreInto(box, await openBackup(directory.path, 'zstd/'), { database: 'shop' });
    expect(restored.outcome).toMatchObject({ database: 'shop', errorCount: 0 });
    expect(restored.outcome.warnings).toEqual([
      expect.stringContaining('preloads pg_stat_statements'),
      expect.stringContaining('1 prepared transaction is still open'),
      expect.stringMatching(/^1 unlogged table is empty, .*: public\.forgotten$/),
      '1 subscription is switched off in the copy',
      '1 event trigger is switched off in the copy',
    ]);
    const { rows } = await restored.ask(
      `select (select count(*) from orders), (select n from elsewhere), current_setting('fsync'), current_setting('work_mem'),
              (select count(*) from pg_stat_subscription where pid is not null), current_setting('archive_mode'),
              current_setting('primary_conninfo'), current_setting('ssl'), current_setting('event_triggers')`,
    );
    expect(rows).toEqual([[3000n, 1, 'on', '20MB', 0n, 'off', '', 'off', 'off']]);
    const inside = await box.exec(
      ['sh', '-c', 'ls /tmp; ls "$1"', 'sh', `${box.paths.scratch}/configuration-of-the-backup`],
      { signal: never },
    );
    expect(inside.stdout.split('\n')).toEqual(expect.arrayContaining(['postgresql.auto.conf', 'pg_hba.conf']));
    const kept = await box.exec(['cat', `${box.paths.scratch}/configuration-of-the-backup/postgresql.auto.conf`], {
      signal: never,
    });
    expect(kept.stdout).toContain(HOSTILE);
    expect(inside.stdout).not.toMatch(/was-run/);
    expect(await restored.server.prepareClient(never)).toContain('psql');
  });

  it('is recovered from an increment on an increment, combined with the backups that it is based on', async () => {
    const box = await boxes.take(MAJOR);
    const content = await openBackup(directory.path, 'again/');
    const preload = ['pg_stat_statements']; // the only library that the backed-up server preloads
    await using restored = await restoreInto(box, content, { database: 'shop', preload });
    const { rows } = await restored.ask(
      `select count(*), (select sum(n) from elsewhere), current_setting('shared_preload_libraries') from orders`,
    );
    expect(rows).toEqual([[3002n, 111n, 'pg_stat_statements']]);
    expect(restored.outcome.warnings).not.toContainEqual(expect.stringContaining('preloads'));
  });

  it('is recovered from a single tar written to standard output', async () => {
    const box = await boxes.take(MAJOR);
    await using restored = await restoreInto(box, await openBackup(directory.path, 'stdout/base.tar'));
    expect(restored.outcome).toMatchObject({ database: 'shop', errorCount: 0 });
    expect((await restored.ask('select count(*) from orders')).rows).toEqual([[3000n]]);
  });

  async function drill(match: string): Promise<Drilled> {
    await using workspace = await makeDrillWorkspace();
    await workspace.writeDrill({
      backup: { source: directory.path, match },
      engine: { type: 'postgres', image: `firedrill-test/postgres:${MAJOR}`, database: 'shop' },
      checks: [
        { name: 'orders are there', sql: 'select count(*) from orders', expect: { equals: 3000 } },
        { name: 'no damage', integrity: ['amcheck', 'checksums'] },
      ],
    });
    return await workspace.drill(['--runtime', 'docker']);
  }

  it('is recovered from a data directory, and a drill fails if a file in it changed', async () => {
    const { run: whole } = await drill('plain/');
    expect(whole).toMatchObject({ verdict: 'passed', checks: [{ passed: true }, { passed: true }] });
    const { phases } = whole.stages.find(({ name }) => name === 'verify') ?? {};
    expect(phases).toMatchObject([{ name: 'amcheck' }, { name: 'checksums' }]);
    const [database = ''] = readdirSync(at('plain', 'base')).sort((a, b) => Number(b) - Number(a));
    flipBytes(at('plain', 'base', database, '1259'), 5000);
    const { run } = await drill('plain/');
    expect(run.error).toMatchObject({
      ...{ code: 'backup-corrupt', stage: 'restore', hint: expect.stringMatching(/check the storage/) },
      message: expect.stringMatching(
        /does not match its backup_manifest: checksum mismatch for file "base\/\d+\/1259"/,
      ),
    });
    expect(run).toMatchObject({ verdict: 'failed', reasons: [{ reason: 'unrestorable' }] });
  });

  it('reports which server setting is too low for it', async () => {
    const box = await boxes.take(MAJOR);
    const settings = { max_prepared_transactions: '0' };
    await expect(restoreInto(box, await openBackup(directory.path, 'zstd/'), { settings })).rejects.toMatchObject({
      code: 'image-incomplete',
      message: 'zstd/: it holds more prepared transactions than the server was started for',
      hint: expect.stringContaining('engine.settings.max_prepared_transactions'),
      details: expect.arrayContaining([expect.stringContaining('FATAL:  maximum number of prepared transactions')]),
    });
    // other low settings only matter to a server that answers queries during recovery: ours does not, whatever a drill
    // sets
    const { server: tool } = await findTools(box, never);
    const enough = { max_prepared_transactions: '25', max_connections: '20' };
    const boot = { durability: 'relaxed', memoryBytes: 2 ** 30, cpus: 2, preload: [], settings: enough } as const;
    const standby = recover(
      { sandbox: box, tool, boot },
      {
        ...{
          key: 'zstd/',
          target: ['-c', 'hot_standby=on'],
          point: 'the end of the backup',
          restoreCommand: undefined,
          supply: undefined,
          signal: never,
        },
        ...{ failure: () => undefined, onLine: () => undefined, onReplayed: () => undefined },
      },
    );
    await expect(standby).rejects.toMatchObject({
      code: 'restore-failed',
      message: 'zstd/: the server’s settings are lower than the backed-up server’s',
      details: expect.arrayContaining([expect.stringContaining('insufficient parameter settings')]),
    });
  });

  it('fails when part of it is missing, damaged, or leads out of its directory', async () => {
    const fails = async (match: string): Promise<string> => {
      const box = await boxes.take(MAJOR);
      const error = await restoreInto(box, await openBackup(directory.path, match)).catch((thrown: unknown) => thrown);
      const { code, message } = error as { code?: string; message?: string };
      return `${code}: ${message}`;
    };
    expect(await fails('none/')).toMatch(/^backup-truncated: .* the log that its recovery begins with is missing/);
    renameSync(at('zstd', '16384.tar.zst'), at('16384.tar.zst'));
    expect(await fails('zstd/')).toMatch(/^backup-truncated: .* lacks the tablespace 16384, which was in /);
    renameSync(at('16384.tar.zst'), at('zstd', '16384.tar.zst'));
    truncateSync(at('zstd', 'base.tar.zst'), statSync(at('zstd', 'base.tar.zst')).size - 5000);
    expect(await fails('zstd/')).toMatch(/^backup-truncated: base\.tar\.zst ends too early/);
    mkdirSync(at('none', 'base'));
    symlinkSync('/etc/passwd', at('none', 'base', 'link'));
    spawnSync('tar', ['-r', '-f', at('none', 'base.tar'), '-C', at('none'), 'base/link']);
    expect(await fails('none/')).toMatch(
      /^backup-corrupt: .* holds base\/link, which is a link or a special file: refused/,
    );
  });
});

/**
 * Takes two increments, each with the changes since the previous backup, in the data directory and in the tablespace.
 */
async function addIncrements(
  primary: Primary,
  sandbox: Sandbox,
  at: (...names: readonly string[]) => string,
): Promise<void> {
  const root = `${sandbox.paths.scratch}/primary`;
  for (const [name, id, n] of [
    ['increment', 4001, 10],
    ['again', 4002, 100],
  ] as const) {
    await sandbox.exec(['cp', `${root}/out/backup_manifest`, `${root}/manifest`], { signal: never });
    await primary.sql('shop', `insert into orders values (${id})`, `insert into elsewhere values (${n})`);
    await primary.backup(at(name), '-Ft', '-z', '-X', 'stream', '-i', `${root}/manifest`);
  }
  await primary.sql('shop', 'delete from orders where id > 4000');
}

async function fill(primary: Primary, sandbox: Sandbox): Promise<void> {
  const { paths } = sandbox;
  await primary.sql(
    'postgres',
    `create tablespace space location '${paths.scratch}/primary/space'`,
    'create database shop',
  );
  await primary.sql(
    'shop',
    'create table orders (id int primary key)',
    'insert into orders select generate_series(1, 3000)',
    'create table elsewhere (n int) tablespace space',
    'insert into elsewhere values (1)',
    'create unlogged table forgotten (n int)',
    "begin; insert into orders values (9999); prepare transaction 'open'",
    "create subscription s connection 'host=10.9.9.9 dbname=x' publication p with (connect = false, slot_name = 'x')",
    'alter subscription s enable',
    'create function on_login() returns event_trigger language plpgsql as $$ begin raise exception $x$ran$x$; end $$',
    'create event trigger on_login on login execute function on_login()',
    'alter database shop set event_triggers = on',
  );
  await primary.sql(
    'postgres',
    "alter system set shared_preload_libraries = 'pg_stat_statements'",
    "alter system set restore_command = 'touch /tmp/was-run; false'",
    "alter system set work_mem = '8MB'",
    'alter system set summarize_wal = on',
    'select pg_reload_conf()',
  );
  // this server does not load it: an example of what a backup may contain
  const argv = [
    'sh',
    '-c',
    'printf %s "$1" >> "$2"',
    'sh',
    HOSTILE,
    `${paths.scratch}/primary/data/postgresql.auto.conf`,
  ];
  await sandbox.exec(argv, { signal: never });
}

const HOSTILE = `
archive_mode = on
archive_command = 'touch /tmp/was-run; false'
archive_cleanup_command = 'touch /tmp/was-run'
recovery_end_command = 'touch /tmp/was-run'
primary_conninfo = 'host=10.9.9.9 user=x'
ssl = on
local_preload_libraries = 'nowhere'
session_preload_libraries = 'nowhere'
include = '/tmp/nowhere.conf'
`;
