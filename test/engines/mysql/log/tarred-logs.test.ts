import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NO_KEYS } from '../../../../src/backup/layer.ts';
import { openLogArchive } from '../../../../src/backup/reading/open-log-archive.ts';
import type { BackupSource } from '../../../../src/backup/source.ts';
import type { RecoveryTarget } from '../../../../src/engines/format.ts';
import { mariadbFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { checkArchive } from '../../../../src/engines/mysql/log/check-archive.ts';
import { checkStart } from '../../../../src/engines/mysql/log/check-start.ts';
import { planReplay } from '../../../../src/engines/mysql/log/plan-replay.ts';
import { planSearch } from '../../../../src/engines/mysql/log/search-events.ts';
import type { LogCoordinates } from '../../../../src/engines/mysql/log/start-coordinates.ts';
import { tarOf } from '../../../backup/archive/open-archive.ts';
import { never } from '../restoring.ts';
import { LogBuilder } from './log-builder.ts';

const VERSION = '11.8.9-MariaDB-log';

/** A file with the single transaction `0-7-NUMBER`, which names the next file. */
function logFile(number: number, { isLast = false, filling = 0 } = {}): Buffer {
  const list = Buffer.alloc(number === 1 ? 4 : 20);
  if (number > 1) {
    list.writeUInt32LE(1);
    list.writeUInt32LE(7, 8);
    list.writeUInt32LE(number - 1, 12);
  }
  const log = new LogBuilder({ version: VERSION }).event(163, list);
  if (filling > 0) log.event(160, Buffer.alloc(filling, 7)); // of a type that has no meaning
  log.gtid(number, { flags: 1 }).query(`DROP TABLE t${number}`);
  if (isLast) return log.bytes;
  return log.event(4, Buffer.concat([Buffer.alloc(8), Buffer.from(nameOf(number + 1))])).bytes;
}

const nameOf = (number: number): string => `binlog.00000${number}`;
const FILES = [1, 2, 3, 4].map((number) => ({
  name: nameOf(number),
  content: logFile(number, { isLast: number === 4 }),
}));
const [ONE, TWO, THREE, FOUR] = FILES as [(typeof FILES)[0], (typeof FILES)[0], (typeof FILES)[0], (typeof FILES)[0]];
const inFolder = (folder: string) => (file: { name: string; content: Buffer }) => ({
  ...file,
  name: folder + file.name,
});

function sourceOf(objects: Readonly<Record<string, Buffer>>) {
  const reads: string[] = [];
  let open = 0;
  const source = {
    description: '/logs/',
    async *list() {
      for (const [key, { length }] of Object.entries(objects))
        yield { key, sizeBytes: length, modifiedAt: new Date(0), etag: key };
    },
    read: async ({ key }, { start, end }) => {
      reads.push(key);
      open += 1;
      const bytes = objects[key]?.subarray(start, end) ?? Buffer.alloc(0);
      const parts = Array.from({ length: Math.ceil(bytes.length / 700) }, (_none, part) =>
        bytes.subarray(part * 700, part * 700 + 700),
      );
      return Readable.from(parts, { objectMode: false }).once('close', () => {
        open -= 1;
      });
    },
  } satisfies Partial<BackupSource> as unknown as BackupSource;
  return { source, reads, openStreams: () => open };
}

async function plan(objects: Readonly<Record<string, Buffer>>, target: RecoveryTarget = { kind: 'latest' }) {
  const { source, reads, openStreams } = sourceOf(objects);
  const archive = await openLogArchive(source, NO_KEYS, never);
  const coordinates = { at: { file: nameOf(1), position: 4 }, saidBy: 'the dump' };
  const input = { product: 'mariadb', archive, coordinates, target, database: undefined, signal: never } as const;
  try {
    return { ...(await planReplay(input)), reads };
  } finally {
    await new Promise(setImmediate);
    expect(openStreams()).toBe(0);
  }
}

const whole = await tarOf(FILES);
const ROWS: readonly (readonly [string, Readonly<Record<string, Buffer>>])[] = [
  ['one tar of many', { 'logs.tar': whole }],
  ['one tar of many, gzip', { 'logs.tgz': gzipSync(whole) }],
  ['one tar of many, zstd', { 'logs.tar.zst': zstdCompressSync(whole) }],
  ['in no order', { 'logs.tar.gz': gzipSync(await tarOf([THREE, ONE, FOUR, TWO])) }],
  [
    'of a server’s own folder, beside what is no log',
    {
      'db1.tar.gz': gzipSync(
        await tarOf([
          { name: './var/lib/mysql/', type: 'directory' },
          { name: './var/lib/mysql/ibdata1', content: 'x'.repeat(9000) },
          ...FILES.map(inFolder('./var/lib/mysql/')),
          { name: './var/lib/mysql/binlog.index', content: 'binlog.000001' },
        ]),
      ),
    },
  ],
  [
    'a tar per log',
    Object.fromEntries(
      await Promise.all(
        FILES.map(async (file) => [`${file.name}.tar.gz`, gzipSync(await tarOf([inFolder('a/')(file)]))]),
      ),
    ),
  ],
  [
    'compressed within the tar',
    { 'logs.tar': await tarOf(FILES.map(({ name, content }) => ({ name: `${name}.gz`, content: gzipSync(content) }))) },
  ],
  [
    'a tar a day, the last log of each not whole yet, and the newest by itself',
    {
      'day-2.tar.zst': zstdCompressSync(await tarOf([TWO, THREE])),
      'day-3.tar.zst': zstdCompressSync(await tarOf([ONE, { ...TWO, content: TWO.content.subarray(0, 150) }])),
      [FOUR.name]: FOUR.content,
    },
  ],
];

describe('binary logs within a tar', () => {
  it.each(ROWS)('are read, verified and searched: %s', async (_what, objects) => {
    const { files, commits, last } = await plan(objects);
    expect(files.map(({ name }) => name)).toEqual(FILES.map(({ name }) => name));
    expect({ commits, gtid: last?.gtid }).toEqual({ commits: 4, gtid: '0-7-4' });
    const { source } = sourceOf(objects);
    const search = await planSearch(mariadbFlavor, await openLogArchive(source, NO_KEYS, never), new Date(0), never);
    const found = await search.run(() => Promise.reject(new Error('needs a sandbox')), {
      minRows: undefined,
      onFetched: () => undefined,
      onSearching: () => undefined,
      signal: never,
    });
    expect(found.notSearched).toEqual([]);
    expect(found.events.map(({ objects: [table] }) => table?.name)).toEqual(['t1', 't2', 't3', 't4']);
  });

  it('are listed and verified in two passes over a compressed tar, and in more when they are out of order', async () => {
    expect((await plan({ 'logs.tgz': gzipSync(whole) })).reads).toHaveLength(2);
    expect((await plan({ 'logs.tgz': gzipSync(await tarOf([TWO, ONE, FOUR, THREE])) })).reads).toHaveLength(4);
  });

  it('begin with the right file when the backup names only GTIDs', async () => {
    const { source } = sourceOf({ 'logs.tgz': gzipSync(whole) });
    const archive = await openLogArchive(source, NO_KEYS, never);
    const coordinates = { gtids: '0-7-2', saidBy: 'the dump' };
    const input = { product: 'mariadb', archive, coordinates, target: { kind: 'latest' }, signal: never } as const;
    expect(await planReplay({ ...input, database: undefined })).toMatchObject({
      files: [{ name: nameOf(3) }, { name: nameOf(4) }],
      commits: 2,
    });
  });

  it('are checked before a sandbox starts, in a tar that is listed only once', async () => {
    const { source, reads, openStreams } = sourceOf({ 'logs.tgz': gzipSync(whole) });
    const archive = await openLogArchive(source, NO_KEYS, never);
    const target = { kind: 'latest' } as const;
    const look = (position: Partial<LogCoordinates>) =>
      checkStart(archive, { product: 'mariadb', coordinates: { saidBy: 'the dump', ...position } }, target, never);
    await checkArchive(archive, target, never);
    expect(reads).toHaveLength(2); // one of them for the first bytes of the newest file
    await look({ at: { file: nameOf(1), position: 4 } });
    expect(reads).toHaveLength(3);
    await expect(look({ at: { file: nameOf(5), position: 4 } })).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringContaining(`ends with ${nameOf(4)}`),
    });
    await expect(look({ at: { file: nameOf(3), position: 4 }, gtids: '0-7-1' })).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringContaining(`${nameOf(3)} continues from 0-7-2`),
    });
    await new Promise(setImmediate);
    expect(openStreams()).toBe(0);
  });

  it('are left to the replay when the tar is truncated', async () => {
    const { source } = sourceOf({ 'logs.tar': whole.subarray(0, whole.length - 3000) });
    const archive = await openLogArchive(source, NO_KEYS, never);
    const coordinates = { at: { file: nameOf(5), position: 4 }, saidBy: 'the dump' };
    await checkStart(archive, { product: 'mariadb', coordinates }, { kind: 'latest' }, never);
  });

  it('are not read from a tar that unpacks to more than a thousand times its size', async () => {
    await expect(plan({ 'logs.tar.zst': inflating(17) })).rejects.toMatchObject({
      code: 'format-unsupported',
      message: expect.stringMatching(
        /^logs\.tar\.zst has [\d.]+ k?B and unpacks to more than 16\.8 MB: a tar of logs is not/,
      ),
    });
  });

  it('are listed only up to a requested number of bytes', async () => {
    const { source, openStreams } = sourceOf({ 'logs.tgz': gzipSync(whole) });
    const archive = await openLogArchive(source, NO_KEYS, never);
    const list = (mostBytes?: number) => archive.listTar({ key: 'logs.tgz' }, () => true, never, mostBytes);
    expect(await list(2000)).toMatchObject({ damage: undefined, isPart: true });
    expect(await list()).toMatchObject({ files: { length: 4 }, isPart: false });
    await new Promise(setImmediate);
    expect(openStreams()).toBe(0);
  });

  it('are left to the replay when small tars together unpack to a very large size', async () => {
    const { source } = sourceOf({ 'a.tgz': gzipSync(whole), 'b.tgz': gzipSync(whole), 'c.tgz': gzipSync(whole) });
    const archive = await openLogArchive(source, NO_KEYS, never);
    const asked: unknown[] = [];
    const listTar: typeof archive.listTar = async (_tar, _isWanted, _signal, mostBytes = 0) => {
      const isPart = asked.push(mostBytes) === 2;
      return { files: [], damage: undefined, isPart, readBytes: 2 ** 27 };
    };
    expect(await checkArchive({ ...archive, listTar }, { kind: 'latest' }, never)).toBe(
      '/logs/: its tars unpack to more than 268 MB together; the logs in them are checked during the restore',
    );
    expect(asked).toEqual([2 ** 28, 2 ** 27]);
  });

  it('are counted in bytes only the first time they are read', async () => {
    const { source } = sourceOf({ 'logs.tgz': gzipSync(whole) });
    const archive = await openLogArchive(source, NO_KEYS, never);
    const wanted = () => true;
    const list = async () => (await archive.listTar({ key: 'logs.tgz' }, wanted, never)).readBytes;
    expect([await list(), await list()]).toEqual([whole.length, 0]);
  });

  it('are left to the replay when there are very many tars', async () => {
    const tar = gzipSync(await tarOf([ONE]));
    const { source, reads } = sourceOf(Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`${n}.tgz`, tar])));
    const archive = await openLogArchive(source, NO_KEYS, never);
    expect(await checkArchive(archive, { kind: 'latest' }, never)).toMatch(/^\/logs\/: it has more than 200 tars;/);
    expect(reads).toEqual([]);
  });

  it('can be read after another was read only in part', async () => {
    const { source } = sourceOf({
      'logs.tgz': gzipSync(await tarOf([{ name: nameOf(1), content: Buffer.alloc(200_000, 1) }, TWO])),
    });
    const archive = await openLogArchive(source, NO_KEYS, never);
    const [tar] = archive.files;
    const { files } = await archive.listTar({ key: tar?.key ?? '' }, () => true, never);
    const [first, second] = files;
    if (!first || !second) throw new Error('expected two');
    const beginning = await archive.stream(first, never);
    for await (const _chunk of beginning) break;
    beginning.destroy();
    expect((await buffer(await archive.stream(second, never))).equals(TWO.content)).toBe(true);
    archive.release();
  });

  it('of two servers in one tar are distinguished', async () => {
    const both = await tarOf([...FILES.map(inFolder('db1/')), ...FILES.map(inFolder('db2/'))]);
    await expect(plan({ 'logs.tar': both })).rejects.toThrow(/logs of several servers: db1\/binlog, db2\/binlog/);
  });

  it.each([
    ['each of its own', { 'db1.tar': [ONE, TWO].map(inFolder('db1/')), 'db2.tar': [inFolder('db2/')(TWO)] }],
    ['deeper', { 'a.tar': [inFolder('log/db1/')(ONE)], 'b.tar': [inFolder('log/db2/')(TWO)] }],
    [
      'both in one, and one of them again',
      { 'a.tar': [inFolder('db1/')(ONE), inFolder('db2/')(ONE)], 'b.tar': [inFolder('db1/')(TWO)] },
    ],
  ])('of two servers in two tars are distinguished: %s', async (_what, tars) => {
    const objects: Record<string, Buffer> = {};
    for (const [name, files] of Object.entries(tars)) objects[name] = await tarOf(files);
    await expect(plan(objects)).rejects.toMatchObject({
      code: 'backup-ambiguous',
      message: expect.stringMatching(/logs of several servers: (?:log\/)?db1\/binlog, (?:log\/)?db2\/binlog/),
    });
  });

  it('of one server are one log when all tars have the same folder', async () => {
    const objects = {
      'a.tar': await tarOf([ONE, TWO].map(inFolder('./db1/'))),
      'b.tar': await tarOf([THREE, FOUR].map(inFolder('db1/'))),
    };
    expect((await plan(objects)).commits).toBe(4);
  });
});

/** A tar with one log that consists of zeros. */
function inflating(mebibytes: number): Buffer {
  const header = Buffer.from(whole.subarray(0, 512));
  header.write(`${(mebibytes * 2 ** 20).toString(8).padStart(11, '0')} `, 124, 'latin1');
  header.fill(' ', 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  const zeros = zstdCompressSync(Buffer.alloc(2 ** 20));
  return Buffer.concat([zstdCompressSync(header), ...Array(mebibytes + 1).fill(zeros)]);
}

const CUT = /^logs\.tar\S*: the backup ends in the middle of its (?:tar|gzip) data/;

describe('a tar of logs that is truncated', () => {
  const middle = 512 + Math.ceil(ONE.content.length / 512) * 512;
  it.each<[string, string, Buffer, string, RegExp]>([
    ['between two of them', 'logs.tar', whole.subarray(0, middle * 2), 'backup-truncated', CUT],
    ['within one', 'logs.tar', whole.subarray(0, middle + 700), 'backup-truncated', CUT],
    ['by its last zeros', 'logs.tar', whole.subarray(0, whole.length - 512), 'backup-truncated', CUT],
    ['in its compression', 'logs.tar.gz', gzipSync(whole).subarray(0, -40), 'backup-truncated', CUT],
    ['to nothing', 'logs.tar', Buffer.alloc(0), 'backup-truncated', CUT],
    ['and is none', 'logs.tar', Buffer.from('x'.repeat(2000)), 'backup-corrupt', /^logs\.tar: the tar data/],
  ])('%s fails with an explanation', async (_where, name, bytes, code, message) => {
    await expect(plan({ [name]: bytes })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('still allows recovery to a point before the cut, and a search up to it', async () => {
    const cut = whole.subarray(0, middle * 2);
    const target = { kind: 'position', at: { gtid: '0-7-1' } } as const;
    await expect(plan({ 'logs.tar': cut }, target)).resolves.toMatchObject({
      commits: 1,
      firstLost: { gtid: '0-7-2' },
    });
    const archive = await openLogArchive(sourceOf({ 'logs.tar': cut }).source, NO_KEYS, never);
    const search = await planSearch(mariadbFlavor, archive, new Date(0), never);
    const found = await search.run(() => Promise.reject(new Error('needs a sandbox')), {
      minRows: undefined,
      onFetched: () => undefined,
      onSearching: () => undefined,
      signal: never,
    });
    expect(found.events).toHaveLength(2);
    expect(found.notSearched).toEqual([expect.stringMatching(CUT)]);
  });
});

describe('logs packed out of order', () => {
  it('are read anyway, with a warning if that takes longer', async () => {
    const shuffled = await tarOf([FOUR, TWO, THREE, ONE]);
    expect((await plan({ 'logs.tar.gz': gzipSync(shuffled) })).rereads).toEqual([
      expect.stringMatching(/^the logs in logs\.tar\.gz are not packed in the order of their numbers.* 3 times/),
    ]);
    expect((await plan({ 'logs.tar': shuffled })).rereads).toEqual([]);
    expect((await plan({ 'logs.tar.gz': gzipSync(await tarOf(FILES)) })).rereads).toEqual([]);
  });
});
