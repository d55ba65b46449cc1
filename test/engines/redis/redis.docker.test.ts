import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { judgeLoad } from '../../../src/engines/redis/formats/rdb/restore-rdb.ts';
import { readDatabases } from '../../../src/engines/redis/server/keyspace.ts';
import { type DrillWorkspace, makeDrillWorkspace } from '../../support/cli-drill.ts';

const IMAGE = 'firedrill-test/systems:13';

/**
 * Dumps of running servers: empty, with expired keys only, and with 302 keys in two databases, some of which expired
 * and one of which lives for a day.
 */
const TAKE = `
set -eu
for product in redis valkey; do
  mkdir -p /tmp/$product
  $product-server --enable-debug-command yes --port 0 --unixsocket /tmp/$product/s --dir /tmp/$product --save '' --daemonize yes > /dev/null
  cli="$product-cli -s /tmp/$product/s -e"
  until [ "$($cli ping 2>&1)" = PONG ]; do :; done
  [ "$($cli save)" = OK ]; cp /tmp/$product/dump.rdb /backups/$product-empty.rdb
  $cli set short x px 1 > /dev/null; $cli debug set-active-expire 0 > /dev/null
  $cli set short x px 1 > /dev/null; $cli set short2 x px 1 > /dev/null
  $cli save > /dev/null; cp /tmp/$product/dump.rdb /backups/$product-expired.rdb
  $cli debug populate 297 key 100 > /dev/null
  $cli set long x ex 86400 > /dev/null
  $cli hset session:1 user ann > /dev/null
  $cli -n 3 set elsewhere 1 > /dev/null
  $cli save > /dev/null; cp /tmp/$product/dump.rdb /backups/$product.rdb
  $cli config set rdbchecksum no > /dev/null 2>&1 || true
  $cli shutdown nosave || true
done
chmod -R a+r /backups
`;

/** Restores real dumps in whole drills. */
describe.skipIf(!inject('dockerAnswers'))('an RDB file', () => {
  let dumps: DrillWorkspace;
  const path = (name: string): string => join(dumps.directory, 'backups', name);
  const drill = async (type: string, file: string, checks: readonly unknown[] = [CHECK]) => {
    await using workspace = await makeDrillWorkspace({ FIREDRILL_RUNTIME: 'docker' });
    await workspace.writeDrill({
      backup: { source: path(''), match: file },
      engine: { type, image: IMAGE },
      checks,
    });
    const { run, stdout } = await workspace.drill();
    return { status: run.status, verdict: run.verdict, stdout };
  };
  const damaged = (change: (bytes: Buffer) => Buffer): string => {
    writeFileSync(path('damaged.rdb'), change(readFileSync(path('valkey.rdb'))));
    return 'damaged.rdb';
  };

  beforeAll(async () => {
    dumps = await makeDrillWorkspace();
    mkdirSync(path(''), { recursive: true });
    const argv = ['run', '--rm', '-i', '--network', 'none', '-v', `${path('')}:/backups`, IMAGE, 'sh', '-s'];
    const { status, stderr } = spawnSync('docker', argv, { input: TAKE, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  });

  afterAll(() => dumps[Symbol.asyncDispose]());

  it.each(['redis', 'valkey'])('of %s is loaded, and its keys are counted', async (type) => {
    const { status, verdict, stdout } = await drill(type, `${type}.rdb`, [
      CHECK,
      { name: 'elsewhere', serverCommand: ['GET', 'elsewhere'], database: '3', expect: 1 },
      { name: 'session', serverCommand: ['HGETALL', 'session:1'], expect: { rows: [['user'], ['ann']] } },
    ]);
    expect(stdout).toMatch(/2 of 302 keys had expired since the backup/);
    expect([status, verdict]).toEqual(['completed', 'passed']);
  });

  it.each([
    ['that was cut', 'unrestorable', /FAILED orders: damaged\.rdb ends too early, at byte \d+/, cutShort],
    ['with a changed byte', 'unrestorable', /FAILED orders: damaged\.rdb does not match its own checksum/, flipByte],
  ])('%s fails', async (_what, reason, message, change) => {
    const { status, verdict, stdout } = await drill('valkey', damaged(change));
    expect(stdout).toMatch(message);
    expect(stdout).toMatch(reason);
    expect([status, verdict]).toEqual(['completed', 'failed']);
  });

  it.each([
    ['under another name than the server is told', '--dbfilename other.rdb'],
    ['on a server with an append-only file, which it does not have', '--appendonly yes'],
  ])('%s leaves a server empty that answers PONG, and that is detected', (_what, option) => {
    const script = `mkdir /tmp/d; cp /backups/valkey.rdb /tmp/d/dump.rdb
      valkey-server --port 0 --unixsocket /tmp/s --dir /tmp/d --save '' ${option} --daemonize yes > /dev/null
      until [ "$(valkey-cli -s /tmp/s ping 2>&1)" = PONG ]; do :; done
      valkey-cli -s /tmp/s ping; valkey-cli -s /tmp/s info persistence; valkey-cli -s /tmp/s info keyspace`;
    const argv = ['run', '--rm', '-i', '--network', 'none', '-v', `${path('')}:/backups`, IMAGE, 'sh', '-s'];
    const { stdout } = spawnSync('docker', argv, { input: script, encoding: 'utf8' });
    const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(stdout)?.[1]);
    expect(stdout).toMatch(/^PONG\n/);
    const keyspace = {
      loaded: field('rdb_last_load_keys_loaded'),
      expired: field('rdb_last_load_keys_expired'),
      appendOnlyBytes: Number.NaN,
      databases: readDatabases(stdout),
    };
    expect(keyspace.databases.size).toBe(0);
    const checked = { keys: 302, expired: 2, hasChecksum: true };
    expect(() => judgeLoad('valkey.rdb', checked, keyspace)).toThrow(/the server loaded 0 keys of valkey\.rdb/);
  });

  it.each([
    ['without keys', 'valkey-empty.rdb', /FAILED orders: valkey-empty\.rdb is a complete RDB file, but has no keys/],
    [
      'whose keys have all expired',
      'valkey-expired.rdb',
      /FAILED orders: all 2 keys of valkey-expired\.rdb have expired/,
    ],
  ])('%s fails', async (_what, file, message) => {
    const { status, verdict, stdout } = await drill('valkey', file);
    expect(stdout).toMatch(message);
    expect([status, verdict]).toEqual(['completed', 'failed']);
  });

  it('of a newer server is refused with the version that reads it', async () => {
    const newer = damaged((bytes) => Buffer.concat([Buffer.from('VALKEY080'), bytes.subarray(9)]));
    const { status, stdout } = await drill('valkey', newer);
    expect(stdout).toMatch(/version-unsupported: damaged\.rdb is an RDB of version 80.* needs Valkey 9\.0 or later/);
    expect(status).toBe('errored');
  });

  it('of Redis that no Valkey reads is a mismatch', async () => {
    const { status, stdout } = await drill('valkey', 'redis.rdb');
    expect(stdout).toMatch(
      /engine-mismatch: redis\.rdb is an RDB of version 12 by Redis 8\.\S+, which no Valkey reads/,
    );
    expect(status).toBe('errored');
  });

  it('cannot be changed by checks', async () => {
    const { status, stdout } = await drill('redis', 'valkey.rdb', [
      { name: 'flush', serverCommand: ['FLUSHALL'], expect: 'OK' },
    ]);
    expect(stdout).toMatch(/FLUSHALL is not a read-only command/);
    expect(status).toBe('errored');
  });
});

const CHECK = { name: 'keys', serverCommand: ['DBSIZE'], expect: 299 };

const cutShort = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);

function flipByte(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.lastIndexOf('ann');
  copy[at] = 0x41;
  return copy;
}
