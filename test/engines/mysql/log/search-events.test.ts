import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { DatedLogArchive } from '../../../../src/engines/log-events.ts';
import { mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { planSearch } from '../../../../src/engines/mysql/log/search-events.ts';
import { LogBuilder } from './log-builder.ts';
import { recordedLog } from './recorded-logs.ts';

const never = new AbortController().signal;
const hour = (number: number) => new Date(Date.UTC(2026, 10, 28, number));
const quiet = { minRows: undefined, onFetched: () => undefined, onSearching: () => undefined, signal: never };
const noSandbox = async () => Promise.reject(new Error('needs a sandbox'));

/** @param contents of `log/binlog.000001` and so on, stored at one o'clock and so on; undefined: missing. */
function archive(contents: readonly (Buffer | undefined)[], basename = 'binlog'): DatedLogArchive {
  const files = contents.flatMap((bytes, index) =>
    bytes
      ? [{ key: `log/${basename}.00000${index + 1}`, sizeBytes: bytes.length, modifiedAt: hour(index + 1), bytes }]
      : [],
  );
  const bytesOf = (key: string) => files.find((file) => file.key === key)?.bytes ?? Buffer.alloc(0);
  return {
    description: '/log',
    files: [...files, { key: 'log/binlog.index', sizeBytes: 10, modifiedAt: hour(0) }],
    read: async ({ key }) => bytesOf(key),
    stream: async ({ key }) => Readable.from([bytesOf(key)]),
  };
}

const drop = (name: string) => new LogBuilder().anonymous().query(`DROP TABLE ${name}`).bytes;

describe('a search of a binary log', () => {
  it('lists what destroyed data with what leads to just before it, without a sandbox', async () => {
    const plan = await planSearch(mariadbFlavor, archive([recordedLog('mariadb-11.8')]), hour(0), never);
    expect(plan).toMatchObject({ major: '11.8', files: 1, bytes: 10_909, range: 'binlog.000001' });
    const { events, notSearched } = await plan.run(noSandbox, quiet);
    expect(notSearched).toEqual([]);
    expect(events.map(({ kind, objects }) => [kind, ...objects.map(({ name }) => name)])).toEqual([
      ['mass-delete', 'items'],
      ['mass-update', 'orders'],
      ['truncate', 'items'],
      ['drop-table', 'we`ird; drop'],
      ['drop-column', 'orders'],
      ['rename-table', 'orders'],
      ['drop-partition', 'part'],
      ['drop-table', 'items'],
      ['drop-database'],
    ]);
    expect(events.at(-1)).toEqual({
      kind: 'drop-database',
      at: new Date('2026-11-28T21:28:40Z'),
      transaction: '0-7-28',
      position: 'binlog.000001:10504',
      stopBefore: { position: 'binlog.000001:10504' },
      database: { name: 'shop', number: undefined },
      objects: [],
      othersLost: 1,
    });
  });

  it.each([
    ['all of it', 0, 3, 'binlog.000001 to binlog.000003'],
    ['what was stored since', 2, 2, 'binlog.000002 to binlog.000003'],
    ['the last file where nothing was stored since', 9, 1, 'binlog.000003'],
  ])('reads %s', async (_what, since, files, range) => {
    const plan = await planSearch(mysqlFlavor, archive([drop('a'), drop('b'), drop('c')]), hour(since), never);
    expect(plan).toMatchObject({ major: '9.7', files, range });
  });

  it('goes on behind a hole and a damaged file, and names both', async () => {
    const damaged = Buffer.from(drop('b'));
    damaged[damaged.length - 6] = 0;
    const plan = await planSearch(
      mysqlFlavor,
      archive([drop('a'), damaged, drop('c'), undefined, drop('d')]),
      hour(0),
      never,
    );
    const { events, notSearched } = await plan.run(noSandbox, quiet);
    expect(events.map(({ objects }) => objects[0]?.name)).toEqual(['a', 'c', 'd']);
    expect(notSearched).toEqual([
      expect.stringMatching(/^binlog\.000002, position \d+: the checksum/),
      'the archive lacks binlog.000004',
    ]);
  });

  it.each([
    ['an archive without binary logs', archive([]), 'log-incomplete'],
    ['the log of another product', archive([recordedLog('mariadb-11.8')]), 'engine-mismatch'],
    ['a file that is no binary log', archive([Buffer.from('text')]), 'log-damaged'],
    [
      'logs of two servers',
      { ...archive([]), files: [...archive([drop('a')]).files, ...archive([drop('a')], 'other').files] },
      'backup-ambiguous',
    ],
  ])('is not made of %s', async (_what, of, code) => {
    await expect(planSearch(mysqlFlavor, of, hour(0), never)).rejects.toMatchObject({ code });
  });
});
