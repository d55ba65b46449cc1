import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type DrillWorkspace, makeDrillWorkspace } from '../../support/cli-drill.ts';

const IMAGE = 'firedrill-test/systems:13';

/**
 * Folders of running servers, with spaces in the names of folders and files: one with a dump of 301 keys and later
 * commands, and a single file with commands only.
 */
const TAKE = `
set -eu
for product in redis valkey; do
  home=/tmp/$product; mkdir -p $home
  $product-server --port 0 --unixsocket $home/s --dir $home --save '' --appendonly yes --appenddirname 'append only' \\
    --appendfilename 'my log.aof' --aof-timestamp-enabled yes --enable-debug-command yes --daemonize yes > /dev/null
  cli="$product-cli -s $home/s -e"
  until [ "$($cli ping 2>&1)" = PONG ]; do :; done
  settled() { until $cli info persistence | grep -q 'aof_rewrite_in_progress:0' && $cli info persistence | grep -q 'aof_rewrite_scheduled:0'; do :; done; }
  $cli debug populate 300 key 100 > /dev/null
  $cli bgrewriteaof > /dev/null; settled
  $cli set after 1 > /dev/null; $cli -n 3 set elsewhere 1 > /dev/null; $cli del key:0 > /dev/null
  mkdir -p "/backups/$product"; cp -R "$home/append only" "/backups/$product/"
  tar -C $home -cf /backups/$product.tar 'append only'
  $cli config set aof-use-rdb-preamble no > /dev/null; $cli bgrewriteaof > /dev/null; settled
  cp "$home/append only/"*.base.aof /backups/$product.aof
  $cli shutdown nosave || true
done
chmod -R a+rwX /backups
`;

const CHECKS = [
  { name: 'keys', serverCommand: ['DBSIZE'], expect: 300 },
  { name: 'a key of the commands', serverCommand: ['GET', 'elsewhere'], database: '3', expect: 1 },
];

/** Restores append-only files of real servers in whole drills. */
describe.skipIf(!inject('dockerAnswers'))('an append-only file', () => {
  let taken: DrillWorkspace;
  const path = (...names: readonly string[]): string => join(taken.directory, 'backups', ...names);
  const drill = async (type: string, source: string, match: string) => {
    await using workspace = await makeDrillWorkspace({ FIREDRILL_RUNTIME: 'docker' });
    await workspace.writeDrill({ backup: { source, match }, engine: { type, image: IMAGE }, checks: CHECKS });
    const { run, stdout } = await workspace.drill();
    return { status: run.status, verdict: run.verdict, stdout };
  };

  beforeAll(async () => {
    taken = await makeDrillWorkspace();
    mkdirSync(path(), { recursive: true });
    const argv = ['run', '--rm', '-i', '--network', 'none', '-v', `${path()}:/backups`, IMAGE, 'sh', '-s'];
    const { status, stderr } = spawnSync('docker', argv, { input: TAKE, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  });
  afterAll(() => taken[Symbol.asyncDispose]());

  it.each([
    ['of Redis, a folder', 'redis', 'redis', 'append only/'],
    ['of Redis, a single file of commands', 'redis', '.', 'redis.aof'],
    ['of Valkey, a tar of the folder', 'valkey', '.', 'valkey.tar'],
  ])('%s, is replayed to its last command', async (_what, type, folder, match) => {
    const { status, verdict, stdout } = await drill(type, path(folder), match);
    expect(stdout).toMatch(/to its last command, of \d{1,2} \w{3} \d{4}, /);
    expect([status, verdict]).toEqual(['completed', 'passed']);
  });

  it('that was truncated within a command fails, even though a server would start on it', async () => {
    truncateSync(path('valkey', 'append only', 'my log.aof.2.incr.aof'), 60);
    const { status, verdict, stdout } = await drill('valkey', path('valkey'), 'append only/');
    expect(stdout).toMatch(/ends in the middle of a command: my log\.aof\.2\.incr\.aof has 60 bytes/);
    expect([status, verdict]).toEqual(['completed', 'failed']);
  });
});
