import { describe, expect, it } from 'vitest';
import { explainModules } from '../../../src/engines/redis/formats/explain-modules.ts';
import { explainReport, readReport } from '../../../src/engines/redis/formats/rdb/check-rdb.ts';
import { readRdbHeader } from '../../../src/engines/redis/formats/rdb/rdb-header.ts';
import { judgeLoad } from '../../../src/engines/redis/formats/rdb/restore-rdb.ts';
import { redisProduct, valkeyProduct } from '../../../src/engines/redis/product.ts';
import { readDatabases } from '../../../src/engines/redis/server/keyspace.ts';
import { RestoredServer } from '../../../src/engines/redis/server/restored-server.ts';
import { createAccounts } from '../../../src/engines/redis/server/start-server.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { bytesContent } from '../../support/fake-content.ts';
import { makeRdb } from './make-rdb.ts';

/** As written by Valkey 8.1.1. */
const VALKEY_8 = Buffer.from(
  '524544495330303131fa0a76616c6b65792d76657205382e312e31fa0a72656469732d62697473c040fa056374696d65c228ca0b6bfa08757365642d6d656dc228831b00fa08616f662d62617365c000fe00',
  'hex',
);
const never = new AbortController().signal;
const inspect = (type: 'redis' | 'valkey', bytes: Buffer) =>
  engineOf(type).inspect(bytesContent(bytes, 'dump.rdb'), never);

describe('the header of an RDB', () => {
  it('states which server wrote it', () => {
    const header = readRdbHeader(VALKEY_8);
    expect(header?.rdbVersion).toBe(11);
    expect(header?.fields.get('valkey-ver')).toBe('8.1.1');
    expect(header?.fields.get('redis-bits')).toBe('64');
  });

  it('is read as far as possible when it is truncated', () => {
    for (let length = 9; length < VALKEY_8.length; length += 1)
      expect(readRdbHeader(VALKEY_8.subarray(0, length))?.rdbVersion).toBe(11);
  });

  it('requires the series that wrote it, or the first series of the other product that reads it', async () => {
    expect((await inspect('valkey', VALKEY_8)).needs.major).toBe('8.1');
    expect((await inspect('redis', VALKEY_8)).needs.major).toBe('7.2');
    expect(
      (await inspect('redis', makeRdb({ magic: 'REDIS0009', fields: { 'redis-ver': '6.2.7' } }))).needs.major,
    ).toBe('7.0');
    expect(
      (await inspect('valkey', makeRdb({ magic: 'VALKEY080', fields: { 'valkey-ver': '9.1.2' } }))).needs.major,
    ).toBe('9.1');
  });

  it('with a version that only the other product reads is a mismatch', async () => {
    const redis8 = makeRdb({ magic: 'REDIS0012', fields: { 'redis-ver': '8.0.2' } });
    await expect(inspect('valkey', redis8)).rejects.toMatchObject({ code: 'engine-mismatch' });
    await expect(inspect('redis', makeRdb({ magic: 'VALKEY080' }))).rejects.toMatchObject({ code: 'engine-mismatch' });
  });
});

describe('the report of the check tool', () => {
  it('states the number of keys in a complete file', () => {
    const text =
      '[offset 99] Checksum OK\n[offset 99] \\o/ RDB looks OK! \\o/\n[info] 5003 keys read\n[info] 2 expires\n[info] 2 already expired\n';
    expect(readReport(text)).toEqual({ keys: 5003, expired: 2, hasChecksum: true });
  });

  it('of damage states the position but no key', () => {
    const text =
      "--- RDB ERROR DETECTED ---\n[offset 2990] Unexpected EOF reading RDB file\n[additional info] Reading key 'secret'\n[info] 93 keys read\n";
    const error = explainReport('dump.rdb', valkeyProduct, text, 1);
    expect(error.code).toBe('backup-truncated');
    expect(error.message).toBe('dump.rdb ends too early, at byte 2990, after 93 keys');
  });

  it('of a tool that was killed does not blame the backup', () => {
    expect(explainReport('dump.rdb', redisProduct, '', 137).code).toBe('out-of-memory');
  });

  it('of a newer version states which server reads it', () => {
    const text = "--- RDB ERROR DETECTED ---\n[offset 9] Can't handle RDB format version 12\n[info] 0 keys read\n";
    expect(explainReport('dump.rdb', redisProduct, text, 1)).toMatchObject({
      code: 'version-unsupported',
      hint: 'Name an image of Redis 7.4 or later in `engine.image`.',
    });
  });
});

describe('the keys that a server loaded', () => {
  const databases = new Map([['0', { keys: 3, lasting: 3 }]]);
  const checked = { keys: 5, expired: 2, hasChecksum: true };

  it('are all keys of the file, apart from expired ones', () => {
    expect(judgeLoad('dump.rdb', checked, { loaded: 3, expired: 2, appendOnlyBytes: Number.NaN, databases })).toEqual([
      '2 of 5 keys had expired since the backup, and were dropped',
    ]);
  });

  it.each([
    ['nothing, since it read another file', { loaded: 0, expired: 0 }, 'restore-failed'],
    ['too few', { loaded: 2, expired: 2 }, 'restore-failed'],
    ['only expired keys', { loaded: 0, expired: 5 }, 'restore-failed'],
  ])('are refused when they are %s', (_what, { loaded, expired }, code) => {
    expect(() => judgeLoad('dump.rdb', checked, { loaded, expired, appendOnlyBytes: Number.NaN, databases })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('are accepted with a warning when the file has no checksum', () => {
    const [warning] = judgeLoad(
      'dump.rdb',
      { ...checked, hasChecksum: false, keys: 3 },
      { loaded: 3, expired: 0, appendOnlyBytes: Number.NaN, databases },
    );
    expect(warning).toMatch(/has no checksum/);
  });
});

describe('the log of a server that stops', () => {
  const lines = [
    "1:M 29 Nov 2026 10:00:00.000 # The RDB file contains module data I can't load: no matching module type 'ReJSON-RL'",
  ];

  it('explains data of modules, both in keys and outside of them', () => {
    const failed = new DrillError('server-failed', 'the server did not start');
    expect(explainModules('dump.rdb', failed, lines)).toMatchObject({ code: 'format-unsupported' });
    const beside = ["# The RDB file contains AUX module data I can't load: no matching module 'search'"];
    expect(explainModules('dump.rdb', failed, beside)).toMatchObject({ code: 'format-unsupported' });
  });

  it('leaves errors with another cause unchanged', () => {
    const full = new DrillError('disk-full', 'no space left');
    expect(explainModules('dump.rdb', full, lines)).toBe(full);
    const canceled = new DOMException('canceled', 'AbortError');
    expect(explainModules('dump.rdb', canceled, lines)).toBe(canceled);
  });
});

describe('the keys of a restored server', () => {
  /** Verifies a server with these answers, as the client prints them. */
  function verify(listed: string, now: string, answers: Readonly<Record<string, string>>) {
    const exec: Sandbox['exec'] = async (argv, { stdout }) => {
      const command = argv.join(' ');
      const key = command.includes(' INFO ') ? undefined : argv.slice(argv.indexOf('-n') + 1).join(' ');
      stdout?.write(`${key === undefined ? now : (answers[key] ?? '')}\n`);
      return { exitCode: 0, stdout: '', stderr: '' };
    };
    const paths = { data: '/d', scratch: '/s', run: '/r' };
    const sandbox = { exec, paths, gone: never, binDirs: [] } as unknown as Sandbox;
    const keyspace = { loaded: 2, expired: 0, appendOnlyBytes: Number.NaN, databases: readDatabases(listed) };
    const accounts = createAccounts();
    const parts = { sandbox, product: redisProduct, version: '8.0.2', accounts, files: [], listed: keyspace };
    return new RestoredServer(parts).verifyInventory(never);
  }

  const ONE = 'db0:keys=2,expires=0,avg_ttl=0\r\n';

  it('can be read when one of them has an empty name', async () => {
    await expect(verify(ONE, ONE, { '0 RANDOMKEY': '', '0 EXISTS ': '1' })).resolves.toMatchObject({ read: 1 });
  });

  it('may all have expired in one of the databases', async () => {
    const two = `${ONE}db1:keys=3,expires=2,avg_ttl=9,subexpiry=1\r\n`;
    await expect(verify(two, ONE, { '0 RANDOMKEY': 'a' })).resolves.toMatchObject({ read: 1 });
  });

  it('are missing when a database with keys that do not expire returns none', async () => {
    const two = `${ONE}db1:keys=3,expires=2,avg_ttl=9\r\n`;
    await expect(verify(two, ONE, { '0 RANDOMKEY': 'a' })).rejects.toThrow(
      /database 1 had keys without an expiry when it was loaded \(1\)/,
    );
    await expect(verify(ONE, '', {})).rejects.toMatchObject({ code: 'wrong-data' });
  });

  it('are reported as expired when none is left for that reason', async () => {
    const volatile = 'db0:keys=2,expires=2,avg_ttl=9\r\n';
    await expect(verify(volatile, '', {})).rejects.toThrow('all 2 keys that the server loaded have expired since');
  });
});
