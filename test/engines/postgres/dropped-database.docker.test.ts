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

/**
 * The oldest and the newest major; 17 is in log-archive.docker.test.ts. Rows are followed by a DROP DATABASE with no
 * commit just before it.
 */
describe.skipIf(!inject('dockerAnswers')).each(['15', '18'])('a database dropped by PostgreSQL %s', (major) => {
  const boxes = shareSandboxes((of: string) => startSandbox('docker', of));
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  let sandbox: Sandbox;
  let beforeDrop = '';

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    sandbox = await startSource(major);
    const primary = await startPrimary(sandbox, major);
    await primary.sql('postgres', 'create database shop', 'create database crm');
    await primary.backup(`${directory.path}/backup`, '-Ft', '-z', '-X', 'none');
    await primary.sql(
      'shop',
      'create table lines as select n from generate_series(1, 3000) n',
      'create table notes as select n from generate_series(1, 70) n',
      'delete from lines where n <= 2100',
      'truncate notes',
      'drop table lines',
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

  async function recover(box: Sandbox, target: RecoveryTarget, database?: string): Promise<Restored> {
    const log = await openLogArchive(openDirectorySource(`${directory.path}/wal`), NO_KEYS, never);
    const options = { recovery: { target, log }, ...(database === undefined ? {} : { database }) };
    return restoreInto(box, await openBackup(directory.path, 'backup/'), options);
  }

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
