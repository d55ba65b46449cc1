import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, inject, it } from 'vitest';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { openLogArchive } from '../../../src/backup/reading/open-log-archive.ts';
import type { RecoveryTarget } from '../../../src/engines/format.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { copyOut, startPrimary } from './physical/primary.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  type Restored,
  restoreInto,
  startSandbox,
  startSource,
} from './restoring.ts';

const MAJOR = '17';
const NOW = 'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')';

/**
 * A backup in lz4, one of a standby, and a log in gzip that continues on another timeline after the standby was
 * promoted.
 */
it.skipIf(!inject('dockerAnswers'))(
  'a log is replayed across a failover, to its end and to a time, also onto a standby’s backup',
  async () => {
    await using directory = await makeWorkDirectory();
    const at = (...names: readonly string[]): string => join(directory.path, ...names);
    await using sandbox = await startSource(MAJOR);
    const primary = await startPrimary(sandbox, MAJOR);
    await primary.sql('postgres', 'create database shop');
    await primary.sql('shop', 'create table orders as select id from generate_series(1, 1000) id');
    await primary.backup(at('backup'), '-Ft', '--compress=client-lz4', '-X', 'none');
    await primary.sql('shop', 'insert into orders values (1001)');
    const root = `${sandbox.paths.scratch}/primary`;
    const promoted = await sandbox.exec(['sh', '-euc', PROMOTE, 'sh', root], { signal: never });
    expect(promoted).toMatchObject({ exitCode: 0 });
    await copyOut(sandbox, `${root}/standby`, at('standby'));
    await primary.sql('shop', 'insert into orders values (1002)');
    const halfway = await primary.sql('postgres', NOW);
    await primary.sql('shop', 'insert into orders values (1003)', 'select pg_switch_wal()');
    await primary.archived();
    await primary.copyArchive(at('plain'));
    mkdirSync(at('log'));
    for (const name of readdirSync(at('plain')))
      writeFileSync(at('log', `${name}.gz`), gzipSync(readFileSync(at('plain', name))));

    const recover = async (
      box: Parameters<typeof restoreInto>[0],
      target: RecoveryTarget,
      match = 'backup/',
    ): Promise<Restored> => {
      const log = await openLogArchive(openDirectorySource(at('log')), NO_KEYS, never);
      return restoreInto(box, await openBackup(directory.path, match), {
        database: 'shop',
        recovery: { target, log },
      });
    };
    await using boxes = shareSandboxes((major: string) => startSandbox('docker', major));
    for (const [match, target, rows] of [
      ['standby/', { kind: 'latest' }, 1003n],
      ['backup/', { kind: 'time', at: new Date(halfway) }, 1002n],
    ] as const) {
      const box = await boxes.take(MAJOR);
      await using restored = await recover(box, target, match);
      expect((await restored.ask('select count(*) from orders')).rows).toEqual([[rows]]);
      expect(restored.outcome.replayed?.logEndsWith).toMatch(/^00000002/);
    }
    rmSync(at('log', '00000002.history.gz'));
    const box = await boxes.take(MAJOR);
    await expect(recover(box, { kind: 'latest' })).rejects.toMatchObject({ code: 'log-incomplete' });
  },
);

const PROMOTE = `
cd "$1"
export PATH=/usr/lib/postgresql/${MAJOR}/bin:$PATH PGHOST=$1 PGUSER=boss
pg_ctl -D data -w -m fast stop > /dev/null
touch data/standby.signal
echo "restore_command='cp $1/wal/%f %p'" >> data/postgresql.conf
pg_ctl -D data -w -l log start > /dev/null
pg_basebackup -D standby -Ft --compress=client-lz4 -X none -c fast 2> /dev/null
psql -qXAt -d postgres -c 'select pg_promote()'
`;
