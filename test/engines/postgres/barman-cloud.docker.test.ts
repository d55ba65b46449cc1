import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { BackupContent } from '../../../src/backup/content.ts';
import { openS3Source } from '../../../src/backup/drivers/s3/s3-source.ts';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import { withSourceFiles } from '../../../src/backup/reading/source-files.ts';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import type { Server } from '../../../src/engines/engine.ts';
import type { RecoveryTarget } from '../../../src/engines/format.ts';
import { findMissingFiles } from '../../../src/engines/postgres/recovery/find-missing-files.ts';
import { PostgresServer } from '../../../src/engines/postgres/server/postgres-server.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { type ObjectStore, s3Spec, startObjectStore } from '../../support/object-store.ts';
import { type BarmanServer, startBarmanServer } from './physical/barman-server.ts';
import { engine, never, restoreInto, startSandbox } from './restoring.ts';

const BUCKET = 'backups';

/** A server's backup with a tablespace, and orders inserted after it. */
describe.skipIf(!inject('dockerAnswers'))('a barman-cloud repository in S3', () => {
  let store: ObjectStore;
  let server: BarmanServer;

  beforeAll(async () => {
    store = await startObjectStore();
    await store.createBucket(BUCKET);
    server = await startBarmanServer(store, BUCKET, ['--xz']);
    await server.sql('postgres', 'create database shop', "create tablespace space location '/tmp/pg/space'");
    await server.sql(
      'shop',
      'create table orders (id int primary key)',
      'insert into orders select generate_series(1, 3000)',
      'create table elsewhere tablespace space as select 1 as n',
    );
    await server.backup('--bzip2');
    await server.sql('shop', 'insert into orders values (3001)', 'select pg_switch_wal()');
    await server.sql('shop', 'insert into orders values (3002)', 'select pg_switch_wal()');
    await server.stop();
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await store?.[Symbol.asyncDispose]();
  });

  async function open(): Promise<BackupContent> {
    const source = await openS3Source(s3Spec(store, BUCKET));
    const { layouts } = engine;
    const spec = { match: 'srv/base/*', select: { by: 'latest' }, takenAt: 'name', layouts } as const;
    const { backup, listed } = await locateBackup(source, spec, new Date(), 'seed', never);
    return withSourceFiles(await openContent(source, backup, never), { source, listed, keys: NO_KEYS, layouts });
  }

  it('is recovered to the end of its log, with its tablespace, and to the end of the backup', async () => {
    await using boxes = shareSandboxes((major: string) => startSandbox('docker', major));
    for (const [kind, rows] of [
      ['latest', 3002n],
      ['backup-end', 3000n],
    ] as const) {
      const target: RecoveryTarget = { kind };
      const box = await boxes.take('17');
      await using restored = await restoreInto(box, await open(), {
        database: 'shop',
        recovery: { target, log: undefined },
      });
      expect(restored.outcome).toMatchObject({ database: 'shop', errorCount: 0 });
      const { rows: found } = await restored.ask('select (select count(*) from orders), (select n from elsewhere)');
      expect(found).toEqual([[rows, 1]]);
      if (kind === 'backup-end') await expectEndToBeMissed(restored.server, box);
    }
  });

  /**
   * Simulates a table of more than 1 GB whose second file was in a missing volume: the server takes the first file for
   * the whole table.
   */
  async function expectEndToBeMissed(server: Server, box: Sandbox): Promise<void> {
    if (!(server instanceof PostgresServer)) throw new TypeError('no Postgres');
    const find = (...oids: readonly string[]) =>
      findMissingFiles(
        server,
        ['shop'],
        oids.map((oid) => ({ oid, location: '/srv/space' })),
        never,
      );
    const [place] = await server.withSession('shop', never, async (client) => {
      const { rows } = await client.query<{ path: string; oid: string }>(
        "select pg_relation_filepath('public.elsewhere') as path, oid from pg_tablespace where spcname = 'space'",
      );
      return rows;
    });
    const [path, oid] = [place?.path ?? '', place?.oid ?? ''];
    expect(await find(oid)).toEqual([]);
    await box.exec(['truncate', '-s', '1G', `${box.paths.data}/${path}`], { signal: never });
    expect(await find(oid)).toEqual([
      expect.stringMatching(/^1 table or index ends with a full file in shop: public\.elsewhere; what follows/),
    ]);
    expect(await find('4711')).toEqual([]);
    await server.withSession('shop', never, (client) =>
      client.query("update pg_class set relpages = 131072 where relname = 'elsewhere'"),
    );
    expect(await find(oid)).toEqual([]); // the catalog says that the table has this size
  }
});
