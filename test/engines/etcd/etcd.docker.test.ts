import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type DrillWorkspace, makeDrillWorkspace } from '../../support/cli-drill.ts';

const IMAGE = 'firedrill-test/systems:13';

/**
 * Snapshots of a running member: empty; with 302 keys, compacted old revisions, deleted keys and a lease; and the same
 * with authentication. Also a copy of the member's file, taken while it runs.
 */
const TAKE = `
set -eu
cd /tmp
etcd --data-dir d --listen-client-urls unix://c:0 --advertise-client-urls unix://c:0 --listen-peer-urls unix://p:0 --bcrypt-cost=4 2> /tmp/log &
ctl='etcdctl --endpoints unix://c:0'
until $ctl get x > /dev/null 2>&1; do :; done
$ctl snapshot save /backups/empty.db > /dev/null
for batch in 1 2 3; do
  { echo; for n in $(seq 100); do echo "put /shop/$batch/$n value-$n"; done; echo; echo; echo; } | $ctl txn > /dev/null
done
for n in 1 2 3 4; do $ctl put /shop/setting $n > /dev/null; done
$ctl put /shop/gone x > /dev/null
$ctl del /shop/gone > /dev/null
lease=$($ctl lease grant 2 | awk '{ print $2 }')
$ctl put --lease=$lease /leased x > /dev/null
$ctl snapshot save /backups/whole.db > /dev/null
revision=$($ctl get x -w fields | awk '$1 == "\\"Revision\\"" { print $3 }')
$ctl compact $((revision - 2)) --physical > /dev/null
$ctl put /shop/setting 5 > /dev/null
head -c 1000000 /dev/zero | tr '\\0' x | $ctl put /shop/large > /dev/null
$ctl snapshot save /backups/compacted.db > /dev/null
printf 'right\\n' | $ctl user add root --interactive=false > /dev/null
$ctl user grant-role root root > /dev/null
$ctl auth enable > /dev/null
$ctl --user root:right snapshot save /backups/login.db > /dev/null
kill %1; wait %1 || true
cp d/member/snap/db /backups/copy.db
chmod -R a+r /backups
`;

/** Restores real snapshots in whole drills. */
describe.skipIf(!inject('dockerAnswers'))('an etcd snapshot', () => {
  let taken: DrillWorkspace;
  const path = (name: string): string => join(taken.directory, 'backups', name);
  const drill = async (
    file: string,
    {
      checks = [COUNT],
      engine = {},
      password,
    }: { checks?: readonly unknown[]; engine?: object; password?: string } = {},
  ) => {
    vi.stubEnv('ETCD_ROOT', password);
    await using workspace = await makeDrillWorkspace({ FIREDRILL_RUNTIME: 'docker' });
    await workspace.writeDrill({
      backup: { source: path(''), match: file },
      engine: { type: 'etcd', image: IMAGE, ...engine },
      checks,
    });
    const { run, stdout } = await workspace.drill();
    return { status: run.status, verdict: run.verdict, stdout };
  };
  const damaged = (file: string, change: (bytes: Buffer) => Buffer): string => {
    writeFileSync(path('damaged.db'), change(readFileSync(path(file))));
    return 'damaged.db';
  };

  beforeAll(async () => {
    taken = await makeDrillWorkspace();
    mkdirSync(path(''), { recursive: true });
    const argv = ['run', '--rm', '-i', '--network', 'none', '-v', `${path('')}:/backups`, IMAGE, 'bash', '-s'];
    const { status, stderr } = spawnSync('docker', argv, { input: TAKE, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  });

  afterAll(() => vi.unstubAllEnvs());
  afterAll(() => taken[Symbol.asyncDispose]());

  it('is restored, and its keys are counted at its revision, including those with a lease', async () => {
    const { status, verdict, stdout } = await drill('whole.db', {
      checks: [
        COUNT,
        { name: 'leased', serverCommand: ['get', '/leased', '--print-value-only'], expect: 'x' },
        { name: 'setting', serverCommand: ['get', '/shop/setting'], expect: { rows: [['/shop/setting'], [4]] } },
        { name: 'by a program', command: ['etcdctl', 'get', '/shop/1/7', '--print-value-only'], expect: 'value-7' },
      ],
    });
    expect(stdout).not.toMatch(/could not|not compared|by the server alone/);
    expect([status, verdict]).toEqual(['completed', 'passed']);
  });

  it('has the hash that the server returns after old revisions were compacted', async () => {
    const { status, verdict, stdout } = await drill('compacted.db', {
      checks: [{ name: 'keys', serverCommand: ['get', '', '--prefix', '--count-only'], expect: { min: 302 } }],
    });
    expect(stdout).not.toMatch(/not compared|by the server alone/);
    expect([status, verdict]).toEqual(['completed', 'passed']);
  });

  it.each([
    [
      'that was cut',
      /FAILED orders: damaged\.db ends after \d+ bytes/,
      (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
    ],
    ['that lacks the end of its checksum', /ends after \d+ bytes/, (bytes: Buffer) => bytes.subarray(0, -5)],
    ['with a changed byte', /FAILED orders: damaged\.db does not match its own checksum/, flipByte],
  ])('%s fails', async (_what, message, change) => {
    const { status, verdict, stdout } = await drill(damaged('whole.db', change));
    expect(stdout).toMatch(message);
    expect([status, verdict]).toEqual(['completed', 'failed']);
  });

  it('without any key fails', async () => {
    const { status, verdict, stdout } = await drill('empty.db');
    expect(stdout).toMatch(/FAILED orders: empty\.db is a complete snapshot, but has no keys/);
    expect([status, verdict]).toEqual(['completed', 'failed']);
  });

  it('that is a copy of the server’s file is restored with a warning', async () => {
    const { status, stdout } = await drill('copy.db', {
      engine: { rootPassword: { env: 'ETCD_ROOT' } },
      password: 'right',
      checks: [{ name: 'keys', serverCommand: ['get', '/shop/', '--prefix', '--count-only'], expect: { min: 302 } }],
    });
    expect(stdout).toMatch(/copy\.db has no checksum/);
    expect(status).toBe('completed');
  });

  it.each([
    ['needs a password', {}, undefined, /key-missing: login\.db comes from a cluster with authentication turned on/],
    [
      'needs the right one',
      { rootPassword: { env: 'ETCD_ROOT' } },
      'wrong',
      /key-wrong: the password in ETCD_ROOT is not that of root/,
    ],
  ])('with authentication %s', async (_what, engine, password, message) => {
    const { status, stdout } = await drill('login.db', { engine, ...(password && { password }) });
    expect(stdout).toMatch(message);
    expect(status).toBe('errored');
  });

  it('with authentication is queried with root’s password', async () => {
    const { status, verdict } = await drill('login.db', {
      engine: { rootPassword: { env: 'ETCD_ROOT' } },
      password: 'right',
      checks: [{ name: 'setting', serverCommand: ['get', '/shop/setting', '--print-value-only'], expect: 5 }],
    });
    expect([status, verdict]).toEqual(['completed', 'passed']);
  });

  it('cannot be changed by checks', async () => {
    const { status, stdout } = await drill('whole.db', {
      checks: [
        { name: 'put', serverCommand: ['put', 'x', 'y'], expect: 'OK' },
        { name: 'by a program', command: ['etcdctl', 'put', 'x', 'y'], expect: 'OK' },
      ],
    });
    expect(stdout).toMatch(/put is not a read-only command/);
    expect(stdout).toMatch(/permission denied/);
    expect(status).toBe('completed');
  });
});

const COUNT = { name: 'keys', serverCommand: ['get', '/shop/', '--prefix', '--count-only'], expect: 301 };

function flipByte(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.lastIndexOf('value-7');
  copy[at] = 0x41;
  return copy;
}
