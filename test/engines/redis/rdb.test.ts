import { describe, expect, it } from 'vitest';
import { explainReport, readReport } from '../../../src/engines/redis/formats/rdb/check-rdb.ts';
import { readRdbHeader } from '../../../src/engines/redis/formats/rdb/rdb-header.ts';
import { judgeLoad } from '../../../src/engines/redis/formats/rdb/restore-rdb.ts';
import { redisProduct, valkeyProduct } from '../../../src/engines/redis/product.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { bytesContent } from '../../support/fake-content.ts';
import { makeRdb } from './make-rdb.ts';

/** As Valkey 8.1.1 wrote it. */
const VALKEY_8 = Buffer.from(
  '524544495330303131fa0a76616c6b65792d76657205382e312e31fa0a72656469732d62697473c040fa056374696d65c228ca0b6bfa08757365642d6d656dc228831b00fa08616f662d62617365c000fe00',
  'hex',
);
const never = new AbortController().signal;
const inspect = (type: 'redis' | 'valkey', bytes: Buffer) =>
  engineOf(type).inspect(bytesContent(bytes, 'dump.rdb'), never);

describe('the header of an RDB', () => {
  it('says which server wrote it', () => {
    const header = readRdbHeader(VALKEY_8);
    expect(header?.rdbVersion).toBe(11);
    expect(header?.fields.get('valkey-ver')).toBe('8.1.1');
    expect(header?.fields.get('redis-bits')).toBe('64');
  });

  it('is read as far as it goes when it is cut off', () => {
    for (let length = 9; length < VALKEY_8.length; length += 1)
      expect(readRdbHeader(VALKEY_8.subarray(0, length))?.rdbVersion).toBe(11);
  });

  it('asks for the series that wrote it, or the first of the other product that reads it', async () => {
    expect((await inspect('valkey', VALKEY_8)).needs.major).toBe('8.1');
    expect((await inspect('redis', VALKEY_8)).needs.major).toBe('7.2');
    expect(
      (await inspect('redis', makeRdb({ magic: 'REDIS0009', fields: { 'redis-ver': '6.2.7' } }))).needs.major,
    ).toBe('7.0');
    expect(
      (await inspect('valkey', makeRdb({ magic: 'VALKEY080', fields: { 'valkey-ver': '9.1.2' } }))).needs.major,
    ).toBe('9.1');
  });

  it('of a version that only the other product reads is a mismatch', async () => {
    const redis8 = makeRdb({ magic: 'REDIS0012', fields: { 'redis-ver': '8.0.2' } });
    await expect(inspect('valkey', redis8)).rejects.toMatchObject({ code: 'engine-mismatch' });
    await expect(inspect('redis', makeRdb({ magic: 'VALKEY080' }))).rejects.toMatchObject({ code: 'engine-mismatch' });
  });
});

describe('the report of the check tool', () => {
  it('gives the keys of a whole file', () => {
    const text =
      '[offset 99] Checksum OK\n[offset 99] \\o/ RDB looks OK! \\o/\n[info] 5003 keys read\n[info] 2 expires\n[info] 2 already expired\n';
    expect(readReport(text)).toEqual({ keys: 5003, expired: 2, hasChecksum: true });
  });

  it('of damage names the place and no key', () => {
    const text =
      "--- RDB ERROR DETECTED ---\n[offset 2990] Unexpected EOF reading RDB file\n[additional info] Reading key 'secret'\n[info] 93 keys read\n";
    const error = explainReport('dump.rdb', valkeyProduct, text, 1);
    expect(error.code).toBe('backup-truncated');
    expect(error.message).toBe('dump.rdb ends too early, at byte 2990, after 93 keys');
  });

  it('of a newer version says which server reads it', () => {
    const text = "--- RDB ERROR DETECTED ---\n[offset 9] Can't handle RDB format version 12\n[info] 0 keys read\n";
    expect(explainReport('dump.rdb', redisProduct, text, 1)).toMatchObject({
      code: 'version-unsupported',
      hint: 'Name an image of Redis 7.4 or later in `engine.image`.',
    });
  });
});

describe('what a server loaded', () => {
  const databases = new Map([['0', 3]]);
  const checked = { keys: 5, expired: 2, hasChecksum: true };

  it('is all of the file, with the expired keys apart', () => {
    expect(judgeLoad('dump.rdb', checked, { loaded: 3, expired: 2, appendOnlyBytes: Number.NaN, databases })).toEqual([
      '2 of 5 keys had expired since the backup, and were dropped',
    ]);
  });

  it.each([
    ['nothing, since it read another file', { loaded: 0, expired: 0 }, 'restore-failed'],
    ['too few', { loaded: 2, expired: 2 }, 'restore-failed'],
    ['only expired keys', { loaded: 0, expired: 5 }, 'restore-failed'],
  ])('fails when it is %s', (_what, { loaded, expired }, code) => {
    expect(() => judgeLoad('dump.rdb', checked, { loaded, expired, appendOnlyBytes: Number.NaN, databases })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('warns of a file without a checksum', () => {
    const [warning] = judgeLoad(
      'dump.rdb',
      { ...checked, hasChecksum: false, keys: 3 },
      { loaded: 3, expired: 0, appendOnlyBytes: Number.NaN, databases },
    );
    expect(warning).toMatch(/has no checksum/);
  });
});
