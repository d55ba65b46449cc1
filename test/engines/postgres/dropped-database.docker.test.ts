import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { openLogArchive } from '../../../src/backup/reading/open-log-archive.ts';
import type { RecoveryTarget } from '../../../src/engines/format.ts';
import { planSearch } from '../../../src/engines/postgres/log/search-events.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { startPrimary } from './physical/primary.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  type Restored,
  restoreInto,
  startSandbox,
  startSource,
} from './restoring.ts';

const NOW = 'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')';

/** Only the image of 15 has pg_cron, and one that knows no setting against jobs. The job is one that starts with the server. */
const CRON = {
  repository: 'postgres-extensions',
  settings: "shared_preload_libraries='pg_cron'\ncron.database_name='shop'\ncron.host='/nowhere'\ncron.log_run=off\n",
  sql: [
    'create extension pg_cron',
    'create table ran (n int)',
    "select cron.schedule('wipe', '@reboot', 'insert into ran values (1)')",
  ],
};

/**
 * The oldest and the newest major; 17 is in log-archive.docker.test.ts. Rows are followed by a DROP DATABASE with no
 * commit just before it.
 */
describe.skipIf(!inject('dockerAnswers')).each(['15', '18'])('a database dropped by PostgreSQL %s', (major) => {
  const cron = major === '15' ? CRON : undefined;
  const boxes = shareSandboxes((of: string) => startSandbox('docker', of, cron));
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  let sandbox: Sandbox;
  let beforeDrop = '';
  /** Positions in the log: of the commit of a row, of a second one, of a restore point whose name was used again. */
  const known = { lsn: '', xid: '', before: '' };

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    sandbox = await startSource(major, cron?.repository);
    const primary = await startPrimary(sandbox, major, 1, cron?.settings);
    await primary.sql('postgres', 'create database shop', 'create database crm');
    await primary.sql('shop', 'create table steps (n int)', ...(cron?.sql ?? []));
    await primary.backup(`${directory.path}/backup`, '-Ft', '-z', '-X', 'none');
    known.lsn = await primary.sql(
      'shop',
      'insert into steps values (1)',
      'begin; insert into steps values (2); select pg_current_wal_insert_lsn(); commit',
    );
    known.xid = await primary.sql('shop', 'begin; insert into steps values (3); select pg_current_xact_id(); commit');
    await primary.sql(
      'shop',
      "do $$ begin perform pg_create_restore_point('nightly'); end $$",
      'insert into steps values (4)',
      "do $$ begin perform pg_create_restore_point('nightly'); end $$",
    );
    await primary.sql(
      'shop',
      'create table lines as select n from generate_series(1, 3000) n',
      'create table notes as select n from generate_series(1, 70) n',
      'delete from lines where n <= 2100',
      'truncate notes',
      "begin; drop table lines; prepare transaction 'drop'",
      "commit prepared 'drop'",
    );
    await primary.sql('crm', 'create table people as select n from generate_series(1, 3003) n');
    beforeDrop = await primary.sql('postgres', NOW);
    await primary.sql('postgres', 'drop database crm');
    await primary.sql('shop', 'create table later (n int)', 'select pg_switch_wal()');
    await primary.archived();
    await primary.copyArchive(`${directory.path}/wal`);
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await sandbox?.dispose();
    await directory[Symbol.asyncDispose]();
  });

  async function recover(
    box: Sandbox,
    target: RecoveryTarget,
    database?: string,
    more: Parameters<typeof restoreInto>[2] = {},
  ): Promise<Restored> {
    const log = await openLogArchive(openDirectorySource(`${directory.path}/wal`), NO_KEYS, never);
    const options = { recovery: { target, log }, ...(database === undefined ? {} : { database }), ...more };
    return restoreInto(box, await openBackup(directory.path, 'backup/'), options);
  }

  const targets = {
    'a position, including its commit': () => [{ kind: 'position', at: { lsn: known.lsn } }, 2n],
    'just before a position': () => [{ kind: 'position', at: { lsn: known.lsn }, exclusive: true }, 1n],
    'a transaction': () => [{ kind: 'position', at: { xid: known.xid } }, 3n],
    'just before a transaction': () => [{ kind: 'position', at: { xid: known.xid }, exclusive: true }, 2n],
  } satisfies Record<string, () => readonly [RecoveryTarget, bigint]>;
  type Named = keyof typeof targets;
  const named: Record<string, readonly Named[]> = {
    15: ['just before a position', 'a transaction'],
    18: ['a position, including its commit', 'just before a transaction'],
  };

  it.each(named[major] ?? [])('is recovered to %s', async (what) => {
    const [target, rows] = targets[what]();
    const box = await boxes.take(major);
    await using restored = await recover(box, target as RecoveryTarget, 'shop');
    expect((await restored.ask('select count(*) from steps')).rows).toEqual([[rows]]);
  });

  it.skipIf(major !== '18')(
    'is recovered to a random instant, but not to one of two restore points of a name',
    async () => {
      {
        const box = await boxes.take(major);
        await using restored = await recover(box, { kind: 'random', notBefore: new Date(0), share: 0.5 }, 'shop');
        const { summary, lastCommit, firstLost } = restored.outcome.replayed ?? {};
        expect(summary).toMatch(/^a random instant: /);
        expect(Number(firstLost?.transaction)).toBeGreaterThan(Number(lastCommit?.transaction));
      }
      const box = await boxes.take(major);
      await expect(recover(box, { kind: 'position', at: { name: 'nightly' } }, 'shop')).rejects.toMatchObject({
        code: 'target-ambiguous',
        details: [expect.stringMatching(/^created /), expect.stringMatching(/^created /)],
      });
    },
  );

  it.skipIf(!cron)('runs none of its scheduled jobs in the sandbox, even if the drill loads pg_cron', async () => {
    const settings = { 'cron.database_name': 'shop' };
    const box = await boxes.take(major);
    await using restored = await recover(box, { kind: 'latest' }, 'shop', { preload: ['pg_cron'], settings });
    const { rows } = await restored.ask(
      "select (select count(*) from cron.job), (select count(*) from cron.job_run_details), (select count(*) from ran), current_setting('cron.host')",
    );
    expect(rows).toEqual([[1n, 0n, 0n, '/nonexistent']]);
  });

  it('is restored with every row just before the DROP, and lost when recovering to a time', async () => {
    {
      const box = await boxes.take(major);
      await using restored = await recover(box, { kind: 'before', event: 'drop-database', object: 'crm' });
      expect(restored.outcome).toMatchObject({ database: 'crm', errorCount: 0 });
      expect((await restored.ask('select count(*) from people')).rows).toEqual([[3003n]]);
    }
    const box = await boxes.take(major);
    await using byTime = await recover(box, { kind: 'time', at: new Date(beforeDrop) }, 'postgres');
    expect(byTime.outcome.errors).toEqual([expect.stringMatching(/while the database crm was being dropped/)]);
  });

  it.skipIf(major !== '18')(
    'is preceded by a DROP TABLE that was prepared: the copy is without its locks',
    async () => {
      const box = await boxes.take(major);
      const target = { kind: 'before', event: 'drop-table', object: 'public.lines' } as const;
      await using restored = await recover(box, target, 'shop');
      expect(restored.outcome).toMatchObject({
        errors: [],
        warnings: expect.arrayContaining([expect.stringMatching(/ as drop, .* rolled back/)]),
      });
      expect((await restored.ask('select count(*) from lines')).rows).toEqual([[900n]]);
    },
  );

  it('is found in the log with everything else that was lost', async () => {
    const log = await openLogArchive(openDirectorySource(`${directory.path}/wal`), NO_KEYS, never);
    const box = await boxes.take(major);
    const search = await planSearch(log, new Date(0), never);
    const quiet = { minRows: undefined, onFetched: () => undefined, onSearching: () => undefined };
    const { events, notSearched } = await search.run(async () => box, { ...quiet, signal: never });
    expect(notSearched).toEqual([]);
    expect(events.map(({ kind, objects, database }) => [kind, objects[0]?.name ?? database.name])).toEqual([
      ['mass-delete', 'public.lines'],
      ['truncate', 'public.notes'],
      ['drop-table', 'public.lines'],
      ['drop-database', 'crm'],
    ]);
    expect(events[0]).toMatchObject({ objects: [{ rows: 2100 }] });
  });
});
