import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { aofFormat } from '../../../src/engines/redis/formats/aof/aof-format.ts';
import { explainReport } from '../../../src/engines/redis/formats/aof/check-aof.ts';
import { isAofTar } from '../../../src/engines/redis/formats/aof/is-aof.ts';
import { readManifest, writeManifest } from '../../../src/engines/redis/formats/aof/manifest.ts';
import { NewestWrite } from '../../../src/engines/redis/formats/aof/newest-write.ts';
import { judgeReplay, requireReadable } from '../../../src/engines/redis/formats/aof/restore-aof.ts';
import { stageAof } from '../../../src/engines/redis/formats/aof/stage-aof.ts';
import { redisProduct, valkeyProduct } from '../../../src/engines/redis/product.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { bytesContent, directoryContent } from '../../support/fake-content.ts';

/** As written by Redis 8.0.2. */
const REDIS_8 =
  'file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.1.incr.aof seq 1 type h\nfile appendonly.aof.2.incr.aof seq 2 type i startoffset 1 endoffset 6\n';

describe('the manifest of an append-only file', () => {
  it('lists the dump and later commands, without files about to be deleted', () => {
    const manifest = readManifest('aof/', REDIS_8);
    expect(manifest.base?.name).toBe('appendonly.aof.2.base.rdb');
    expect(manifest.increments.map(({ name }) => name)).toEqual(['appendonly.aof.2.incr.aof']);
    expect(readManifest('aof/', writeManifest(manifest))).toEqual(manifest);
  });

  it('has names as servers write them, with non-ASCII characters escaped', () => {
    const line = String.raw`file "donn\xc3\xa9es \"1\".aof.1.base.rdb" seq 1 type b`;
    const manifest = readManifest('aof/', `${line}\n`);
    expect(manifest.base?.name).toBe('données "1".aof.1.base.rdb');
    expect(readManifest('aof/', writeManifest(manifest))).toEqual(manifest);
  });

  it('is read only up to a limit', async () => {
    const endless = `file a.aof.1.base.rdb seq 1 type b\n${'#'.repeat(3 * 2 ** 20)}`;
    const read: string[] = [];
    const content = directoryContent({ 'a.aof.manifest': endless, 'a.aof.1.base.rdb': '' }, 'aof/');
    const streamUnwrapped: typeof content.streamUnwrapped = async (name) =>
      Readable.from((endless.match(/[\s\S]{1,65536}/g) ?? []).map((piece) => Buffer.from(piece))).on('data', () =>
        read.push(name),
      );
    const opening = aofFormat(valkeyProduct).recognise({ ...content, streamUnwrapped }, undefined);
    await opening?.(new AbortController().signal);
    expect(read.length).toBeLessThan(30);
  });

  it.each([
    ['names a folder above', 'file ".." seq 1 type b\n', 'backup-corrupt'],
    ['names a path in escapes', 'file "..\\x2fpasswd" seq 1 type b\n', 'backup-corrupt'],
    ['names a file elsewhere', 'file ../../etc/passwd seq 1 type b\n', 'backup-corrupt'],
    ['names an absolute path', 'file "/etc/passwd" seq 1 type i\n', 'backup-corrupt'],
    ['is cut', 'file appendonly.aof.2.ba', 'backup-corrupt'],
    ['is empty', '', 'backup-corrupt'],
    [
      'lists commands out of order',
      'file a.2.incr.aof seq 2 type i\nfile a.1.incr.aof seq 1 type i\n',
      'backup-corrupt',
    ],
    ['has lost its first file', 'file a.5.incr.aof seq 5 type i\n', 'backup-truncated'],
  ])('that %s is refused', (_what, text, code) => {
    expect(() => readManifest('aof/', text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a single file of commands', () => {
  const COMMANDS = Buffer.from('*1\r\n$4\r\nPING\r\n');
  const open = (key: string) =>
    aofFormat(valkeyProduct).recognise(bytesContent(COMMANDS, key), undefined)?.(new AbortController().signal);

  it.each(['appendonly.aof', 'nightly/2026-11-28.aof.gz'])('is a whole backup when it is called %s', async (key) => {
    await expect(open(key)).resolves.toMatchObject({
      facts: { format: expect.stringMatching(/^append-only file/) },
    });
  });

  it.each(['appendonly.aof.2.incr.aof.gz', 'a/my log.aof.12.incr.aof', 'appendonly.aof.1.base.aof.zst.age'])(
    'is one part of a backup when it is called %s',
    async (key) => {
      await expect(open(key)).rejects.toMatchObject({
        code: 'format-unsupported',
      });
    },
  );
});

describe('a tar of an append-only file', () => {
  const parts = ['appendonlydir/appendonly.aof.2.base.rdb', 'appendonlydir/appendonly.aof.manifest'];

  it.each([
    [parts, true],
    [['redis/dump.rdb', ...parts.map((name) => `redis/${name}`), 'redis/redis.conf'], true],
    [['dump.rdb'], false],
    [['site/index.php', ...parts], false],
    [[], false],
  ])('is recognised by its parts, whatever the server keeps next to them: %j', (names, isAof) => {
    expect(isAofTar(names)).toBe(isAof);
  });

  it.each([
    ['tar: a.aof.1.base.rdb: Wrote only 2048 of 10240 bytes: No space left on device', 'disk-full'],
    ['tar: Unexpected EOF in archive', 'backup-truncated'],
  ])('that fails to unpack with %s is %s', async (stderr, code) => {
    const exec: Sandbox['exec'] = async () => ({ exitCode: 3, stdout: '', stderr });
    const sandbox = { exec, paths: { data: '/d', scratch: '/s', run: '/r' } } as unknown as Sandbox;
    const content = bytesContent(Buffer.from('tar'), 'aof.tar');
    const staging = stageAof({ content, isTar: true }, sandbox, new AbortController().signal);
    await expect(staging).rejects.toMatchObject({ code });
  });
});

describe('a dump at the start of an append-only file', () => {
  const check = (magic: string, version: string, product = valkeyProduct) =>
    requireReadable('aof/', magic, { product, version, sandbox: { provenance: { name: 'valkey:8' } } as Sandbox });

  it('needs a server that reads it', () => {
    expect(() => check('VALKEY080', '9.0.1')).not.toThrow();
    expect(() => check('*1\r\n$4\r\nP', '8.1.1')).not.toThrow();
    expect(() => check('VALKEY080', '8.1.1')).toThrow(expect.objectContaining({ code: 'version-unsupported' }));
    expect(() => check('REDIS0012', '8.1.1')).toThrow(expect.objectContaining({ code: 'engine-mismatch' }));
    expect(() => check('VALKEY080', '8.0.2', redisProduct)).toThrow(
      expect.objectContaining({ code: 'engine-mismatch' }),
    );
  });
});

describe('the time of the newest write', () => {
  const read = async (text: string, size: number): Promise<Date | undefined> => {
    const scan = new NewestWrite();
    await pipeline(Readable.from(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []), scan);
    return scan.at;
  };
  const COMMANDS =
    '#TS:1795955150\r\n*3\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n#TS:1795955151\r\n*3\r\n$3\r\nset\r\n$1\r\nb\r\n$18\r\nx\r\n#TS:1999999999\r\n\r\n';

  it.each([1, 2, 7, 1000])(
    'is the last timestamp between commands, never one within a value, in chunks of %d',
    async (size) => {
      expect(await read(COMMANDS, size)).toEqual(new Date(1_795_955_151_000));
    },
  );

  it('is never a number outside the range of dates', async () => {
    const time = `#TS:${'9'.repeat(20)}\r\n`;
    expect(await read(time, 1000)).toBeUndefined();
    expect(await read(`${COMMANDS}${time}`, 1000)).toEqual(new Date(1_795_955_151_000));
  });

  it('is unknown when the server writes no timestamps', async () => {
    expect(await read('*1\r\n$4\r\nPING\r\n', 5)).toBeUndefined();
  });
});

describe('the output of the check tool', () => {
  /** Output of Valkey 8.1.1 for a file that lacks its last bytes. */
  const CUT =
    'BASE AOF appendonly.aof.2.base.rdb is valid\nStart to check INCR files.\n0x             10e: Expected to read 7 bytes, got 2 bytes\nAOF analyzed: filename=appendonly.aof.2.base.rdb, size=109, ok_up_to=109, ok_up_to_line=1, diff=0\nAOF analyzed: filename=appendonly.aof.2.incr.aof, size=272, ok_up_to=250, ok_up_to_line=54, diff=22\nAOF appendonly.aof.2.incr.aof is not valid. Use the --fix option to try fixing it.\n';

  it('states how much of a truncated file is complete', () => {
    const error = explainReport('aof/', valkeyProduct, { text: CUT, exitCode: 1 });
    expect(error.code).toBe('backup-truncated');
    expect(error.message).toBe(
      'aof/ ends in the middle of a command: appendonly.aof.2.incr.aof has 272 bytes, and whole commands up to byte 250',
    );
  });

  it('does not blame the backup for a dump that the image is too old to read', () => {
    const text = "--- RDB ERROR DETECTED ---\n[offset 9] Can't handle RDB format version 80\n[info] 0 keys read\n";
    expect(explainReport('aof/', valkeyProduct, { text, exitCode: 1 })).toMatchObject({
      code: 'version-unsupported',
      hint: expect.stringContaining('Valkey 9.0 or later'),
    });
  });

  it('says nothing about the backup when the tool was killed', () => {
    expect(explainReport('aof/', valkeyProduct, { text: '', exitCode: 137 }).code).toBe('out-of-memory');
  });

  it('reports damage when a command is invalid', () => {
    const text = CUT.replace('Expected to read 7 bytes, got 2 bytes', "Expected prefix '*', got: 'x'");
    expect(explainReport('aof/', valkeyProduct, { text, exitCode: 1 }).code).toBe('backup-corrupt');
  });
});

describe('the data that a server has replayed', () => {
  const keyspace = {
    loaded: 3,
    expired: 0,
    appendOnlyBytes: 400,
    databases: new Map([
      ['0', { keys: 4, lasting: 4 }],
      ['3', { keys: 1, lasting: 0 }],
    ]),
  };
  const judge = (change: object) =>
    judgeReplay('aof/', { checked: { dumpKeys: 3 }, bytes: 400 }, { ...keyspace, ...change });

  it('comes from all of the files, and the current keys are listed', () => {
    expect(judge({}).listed.loaded).toBe(5);
  });

  it.each([
    ['nothing, since it looked elsewhere', { appendOnlyBytes: 0, loaded: 0, databases: new Map() }, 'restore-failed'],
    ['no append-only file', { appendOnlyBytes: Number.NaN }, 'restore-failed'],
    ['fewer keys of the dump', { loaded: 2 }, 'restore-failed'],
    ['everything, down to the last deletion', { databases: new Map() }, 'backup-empty'],
  ])('is refused when it is %s', (_what, change, code) => {
    expect(() => judge(change)).toThrow(expect.objectContaining({ code }));
  });
});
