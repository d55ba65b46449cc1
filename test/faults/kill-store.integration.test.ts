import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { type KillChild, makeKillChild } from './kill/kill-child.ts';
import { type Ended, type KillWorkspace, makeKillWorkspace, startRun } from './kill/kill-workspace.ts';
import { leftIn } from './kill/left-in.ts';
import { FILLER, type StoreFault } from './kill/store-faults.ts';

const canMount = process.getuid?.() === 0 && process.platform === 'linux';
if (!canMount) console.warn('SKIPPED: a full disk is a tiny tmpfs; run the tests as root on Linux, too');

let child: KillChild;
let workspace: KillWorkspace;
beforeAll(async () => {
  child = await makeKillChild();
});
afterAll(() => child[Symbol.asyncDispose]());
beforeEach(async () => {
  workspace = await makeKillWorkspace({ runtime: 'local', child });
});
afterEach(() => workspace[Symbol.asyncDispose]());

/** Runs the drill with this fault of its store at that point. */
const runWith = (fault: StoreFault, at: string, more: Record<string, string> = {}): Promise<Ended> =>
  startRun(workspace, { env: { FD_FAULT: fault, FD_FAULT_AT: at, FD_LOCK_WAIT_MS: '100', ...more } });

/** As in `interrupted: locate ok, plan ok, image-pull skipped, provision ok`, oldest first. */
async function history(path = workspace.storePath): Promise<readonly string[]> {
  await using store = await openSqliteStore(path);
  const runs = await store.findRuns({ limit: 10 });
  const said = runs.map(({ status, verdict, stages }) => {
    return `${verdict ?? status}: ${stages.map(({ name, outcome }) => `${name} ${outcome}`).join(', ')}`;
  });
  return said.reverse();
}

const PASSED = 'passed: locate ok, plan ok, image-pull skipped, provision ok, restore ok, verify ok, teardown ok';

it('a store that is locked for longer than a write waits breaks a drill, both before anything is created and during the restore, and the next one passes', async () => {
  const early = await runWith('locked', 'start/store.claim:before');
  expect(early.code).toBe(2);
  expect(early.stderr).toContain(`store-failed: the store ${workspace.storePath}: `);
  expect(early.stderr).toMatch(/locked/);
  expect(await leftIn(workspace)).toEqual([]);

  const late = await runWith('locked', 'restore/restoration.run:before');
  expect(late.code).toBe(2);
  expect(late.stderr).toMatch(/store-failed: the store .*locked/);
  expect(await leftIn(workspace)).toEqual([]);

  const next = await startRun(workspace, {});
  expect(next.stderr).toMatch(/^run \S+ of orders-\w+ was cut off when its process died: recorded as interrupted\n/);
  expect(next.code).toBe(0);
  // Only the second was recorded, with its timeline so far.
  expect(await history()).toEqual(['interrupted: locate ok, plan ok, image-pull skipped, provision ok', PASSED]);
});

it('a store that is deleted breaks the drill, which reports it and removes its sandbox; the next one starts a new history', async () => {
  for (const at of ['restore/restoration.run:before', 'after teardown/store.finish:before']) {
    const { code, stderr } = await runWith('vanished', at);
    expect({ at, code, stderr }).toMatchObject({ at, code: 2, stderr: expect.stringMatching(/deleted/) });
    expect(stderr).toContain(`store-failed: the store ${workspace.storePath}`);
    expect(await leftIn(workspace)).toEqual([]);
  }
  expect((await startRun(workspace, {})).code).toBe(0);
  expect(await history()).toEqual([PASSED]);
});

describe.skipIf(!canMount)('a disk that fills up under the store', () => {
  it('breaks the drill, which reports it and removes its sandbox; once there is space again, nothing is missing', async () => {
    const disk = join(workspace.directory, 'disk');
    const store = join(disk, 'history.db');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    try {
      const { code, stderr } = await runWith('full', 'restore/restoration.run:before', { FIREDRILL_STORE: store });
      expect(code).toBe(2);
      expect(stderr).toContain(`disk-full: no space is left for the store ${store}`);
      expect(await leftIn(workspace)).toEqual([expect.stringMatching(`^mount .* ${disk} `)]);
      rmSync(join(disk, FILLER));
      expect((await startRun(workspace, { env: { FIREDRILL_STORE: store } })).code).toBe(0);
      expect(await history(store)).toEqual([
        'interrupted: locate ok, plan ok, image-pull skipped, provision ok',
        PASSED,
      ]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
