import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ALL_ENGINES } from '../../src/engines/registry.ts';
import { toLabels } from '../../src/sandbox/labels.ts';
import type { Seal } from '../../src/sandbox/local/holder.ts';
import { createLocalRuntime } from '../../src/sandbox/local/runtime.ts';
import type { SandboxRequest } from '../../src/sandbox/sandbox.ts';
import { currentOwner } from '../../src/support/owner.ts';
import { localLeftovers, processesOf, sharedMemoryNow, sharedMemoryOf } from './local-leftovers.ts';
import { nobody, startProbe } from './local-probe-process.ts';

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
if (!isLinux) console.warn('SKIPPED: what a killed owner leaves is looked up in /proc; run the tests on Linux');
if (!isRoot)
  console.warn(
    'SKIPPED: a full disk is a tiny tmpfs, and directories of other users need chown; run the tests as root, too',
  );

const never = new AbortController().signal;
const deadOwner = { ...currentOwner(), startTicks: '1' };

/** A separate root for the dead sandboxes of this file, so that no other test's sweep removes them. */
let dataRoot: string;

beforeAll(async () => {
  dataRoot = await mkdtemp(join(tmpdir(), 'fdt-'));
  await chmod(dataRoot, 0o1777);
});

afterAll(async () => {
  expect(await readdir(dataRoot)).toEqual([]);
  await rm(dataRoot, { recursive: true });
});

describe.skipIf(!isLinux)('the remains of a local sandbox', () => {
  const kills: { title: string; seal: Seal; user?: typeof nobody }[] = [
    { title: 'with a root of its own', seal: 'own-root' },
    { title: 'with namespaces but the files of the host', seal: 'own-network' },
    { title: 'without namespaces', seal: 'open' },
    ...(isRoot ? [{ title: 'of an unprivileged user', seal: 'own-root' as const, user: nobody }] : []),
  ];

  it.each(kills)('$title are gone after dispose, with a server running', async ({ title, seal, user }) => {
    const runId = `t-dispose-${seal}-${title.length}-${process.pid}`;
    const earlier = await sharedMemoryNow();
    const probe = await startProbe({ dataRoot, seal, runId, ...(user ? { user } : {}) });
    const processes = await processesOf(probe.box.id);
    expect(processes.length).toBeGreaterThan(1);
    // Without an IPC namespace, the server's segment is the host's.
    expect((await sharedMemoryOf(processes, earlier)).length).toBe(seal === 'open' ? 1 : 0);
    await probe.end();
    expect(await localLeftovers(runId, [dataRoot])).toEqual([]);
    expect(await processesOf(probe.box.id)).toEqual([]);
    expect(await sharedMemoryOf(processes, earlier)).toEqual([]);
  });

  it.each(kills)(
    '$title are gone after kill -9 of its owner and a sweep, with a server running',
    async ({ title, seal, user }) => {
      const runId = `t-kill-${seal}-${title.length}-${process.pid}`;
      const earlier = await sharedMemoryNow();
      const probe = await startProbe({ dataRoot, seal, runId, ...(user ? { user } : {}) });
      const processes = await processesOf(probe.box.id);
      await probe.killHard();
      const sweep =
        "import('./src/sandbox/local/runtime.ts').then(async (m) => console.log(JSON.stringify(await m.createLocalRuntime({ engines: [], dataRoot: process.argv[1] }).sweep(new Date(), new AbortController().signal))))";
      // Each user sweeps its own.
      const swept = JSON.parse(
        String(execFileSync(process.execPath, ['-e', sweep, dataRoot], { ...(user ?? {}), encoding: 'utf8' })),
      );
      expect(swept).toContainEqual({
        kind: 'directory',
        id: probe.box.id,
        runId,
        why: expect.stringContaining('is dead'),
      });
      expect(await localLeftovers(runId, [dataRoot])).toEqual([]);
      expect(await processesOf(probe.box.id)).toEqual([]);
      expect(await sharedMemoryOf(processes, earlier)).toEqual([]);
    },
  );

  it('end with their owner, before any sweep, where namespaces are available', async () => {
    const runId = `t-alone-${process.pid}`;
    const probe = await startProbe({ dataRoot, seal: 'own-root', runId });
    const pids = (await processesOf(probe.box.id)).map((line) => Number.parseInt(line, 10));
    expect(pids.length).toBeGreaterThan(5);
    const watch = spawn('tail', [...pids.flatMap((pid) => ['--pid', String(pid)]), '-s', '0.05', '-f', '/dev/null']);
    await probe.killHard();
    await once(watch, 'close');
    expect(await processesOf(probe.box.id)).toEqual([]);
    await createLocalRuntime({ engines: ALL_ENGINES, dataRoot }).sweep(new Date(), never);
    expect(await localLeftovers(runId, [dataRoot])).toEqual([]);
  });
});

describe('a local sandbox that cannot be started', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  });

  afterEach(async () => {
    expect(await readdir(root)).toEqual([]);
    await rm(root, { recursive: true });
  });

  it('leaves nothing behind when no isolation works', async () => {
    const runtime = createLocalRuntime({ engines: ALL_ENGINES, dataRoot: root, seals: [] });
    await expect(runtime.start(makeRequest(), never)).rejects.toMatchObject({ code: 'sandbox-refused' });
  });

  it('says what to do when its directory does not exist', async () => {
    const runtime = createLocalRuntime({ engines: ALL_ENGINES, dataRoot: join(root, 'missing') });
    await expect(runtime.start(makeRequest(), never)).rejects.toMatchObject({
      code: 'sandbox-refused',
      message: expect.stringContaining(join(root, 'missing')),
      hint: expect.stringContaining('sandbox.dataRoot'),
    });
  });

  it.skipIf(!isRoot)('reports a full disk, and leaves nothing behind', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=4', 'tiny', root]);
    try {
      const runtime = createLocalRuntime({ engines: ALL_ENGINES, dataRoot: root });
      await expect(runtime.start(makeRequest(), never)).rejects.toMatchObject({ code: 'disk-full' });
      expect(await readdir(root)).toEqual([]);
    } finally {
      execFileSync('umount', [root]);
    }
  });

  it('says what to install if no server is as new as the backup', async () => {
    const runtime = createLocalRuntime({ engines: ALL_ENGINES, dataRoot: root });
    await expect(
      runtime.start(makeRequest({ server: { engine: 'postgres', major: '99' } }), never),
    ).rejects.toMatchObject({
      code: 'tool-missing',
      message: expect.stringMatching(/^no PostgreSQL 99 or newer on this host \(found /),
      hint: expect.stringContaining('postgresql-99'),
    });
  });

  it('works in a directory whose path is too long for a socket', async () => {
    const deep = join(root, 'a'.repeat(60), 'b'.repeat(60));
    await mkdir(deep, { recursive: true, mode: 0o755 });
    if (isRoot) execFileSync('chmod', ['-R', 'go+x', root]);
    const box = await createLocalRuntime({ engines: ALL_ENGINES, dataRoot: deep }).start(makeRequest(), never);
    expect(box.paths.data.startsWith(deep)).toBe(true);
    expect(`${box.paths.run}/.s.PGSQL.5432`.length).toBeLessThan(104);
    expect((await box.exec(['touch', `${box.paths.run}/x`, `${box.paths.data}/x`], { signal: never })).exitCode).toBe(
      0,
    );
    await box.dispose();
    expect(await localLeftovers('t-start')).toEqual([]);
    await rm(join(root, 'a'.repeat(60)), { recursive: true });
  });
});

describe('a command in a local sandbox that leaves a daemon', () => {
  it('ends with the command and its full output, even if the daemon holds its pipes', async () => {
    const box = await createLocalRuntime({ engines: ALL_ENGINES, dataRoot }).start(makeRequest(), never);
    const script = 'sleep 7654330 & head -c 3000000 /dev/zero; echo done >&2; exit 5';
    let sizeBytes = 0;
    const stdout = new Writable({
      write(chunk: Buffer, _encoding, next) {
        sizeBytes += chunk.length;
        setImmediate(next);
      },
    });
    expect(await box.exec(['sh', '-c', script], { stdout, signal: never })).toEqual({
      exitCode: 5,
      stdout: '',
      stderr: 'done\n',
    });
    expect(sizeBytes).toBe(3_000_000);
    expect((await processesOf('sleep 7654330')).length).toBe(1);
    await box.dispose();
    expect(await processesOf('sleep 7654330')).toEqual([]);
  });
});

describe.skipIf(!isLinux)('a local sandbox in memory', () => {
  it('keeps its data there, is as isolated as one on disk, and leaves nothing behind', async () => {
    const runtime = createLocalRuntime({ engines: ALL_ENGINES, dataRoot });
    const box = await runtime.start(makeRequest({ runId: 't-memory', storage: 'tmpfs' }), never);
    await using onDisk = await runtime.start(makeRequest({ runId: 't-disk' }), never);
    expect(box.isolation).toEqual(onDisk.isolation);
    const { stdout } = await box.exec(['stat', '-f', '-c', '%T', box.paths.data], { signal: never });
    expect(stdout.trim()).toBe('tmpfs');
    await box.dispose();
    expect(await localLeftovers('t-memory')).toEqual([]);
  });
});

describe.skipIf(!isLinux)('sweeping local sandboxes', () => {
  let root: string;
  const sweep = () => createLocalRuntime({ engines: ALL_ENGINES, dataRoot: root }).sweep(new Date(), never);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('ends no process by its pid alone', async () => {
    const bystander = spawn('sleep', ['1000']);
    const path = await makeDeadBox('fdlocal-1-1-0000abcd', { pid: bystander.pid, startTicks: '1' });
    expect((await sweep()).map(({ id }) => id)).toContain(path);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    process.kill(bystander.pid ?? 0, 0);
    bystander.kill();
    await once(bystander, 'close');
  });

  it('skips directories that only resemble ours', async () => {
    for (const name of ['fdlocal-notes', 'fdlocal-1-1', 'other']) await mkdir(join(root, name));
    await writeFile(join(root, 'fdlocal-1-1-0000abce'), 'a file');
    await sweep();
    expect((await readdir(root)).sort()).toEqual(['fdlocal-1-1', 'fdlocal-1-1-0000abce', 'fdlocal-notes', 'other']);
  });

  it.skipIf(!isRoot)("skips another user's directory, whatever its owner file says", async () => {
    const path = await makeDeadBox('fdlocal-1-1-0000abcf', undefined);
    await chown(path, nobody.uid, nobody.gid);
    expect((await sweep()).map(({ id }) => id)).not.toContain(path);
    expect(await readdir(root)).toEqual(['fdlocal-1-1-0000abcf']);
  });

  it('removes a directory whose creator died before writing the owner file', async () => {
    const path = join(root, `fdlocal-${process.pid}-1-0000abd0`);
    await mkdir(path);
    expect(await sweep()).toContainEqual({
      kind: 'directory',
      id: path,
      runId: 'unknown',
      why: expect.stringContaining('is dead'),
      error: undefined,
    });
    expect(await readdir(root)).toEqual([]);
  });

  it('removes files that restored data made unreadable', async () => {
    const path = await makeDeadBox('fdlocal-1-1-0000abd1', undefined);
    await mkdir(join(path, 'data', 'locked'), { recursive: true });
    await writeFile(join(path, 'data', 'locked', 'x'), 'x');
    execFileSync('chmod', ['000', join(path, 'data', 'locked')]);
    expect((await sweep()).find(({ id }) => id === path)?.error).toBeUndefined();
    expect(await readdir(root)).toEqual([]);
  });

  async function makeDeadBox(name: string, holder: unknown): Promise<string> {
    const path = join(root, name);
    await mkdir(path);
    const labels = toLabels(makeRequest({ owner: deadOwner }));
    await writeFile(join(path, 'owner.json'), JSON.stringify({ labels, holder }));
    return path;
  }
});

function makeRequest(changes: Partial<SandboxRequest> = {}): SandboxRequest {
  return {
    runId: 't-start',
    drill: 'cleanup',
    owner: currentOwner(),
    leaseExpiresAt: new Date(Date.now() + 600_000),
    image: 'ignored',
    server: { engine: 'postgres', major: '15' },
    memoryBytes: 2 ** 30,
    cpus: 1,
    pids: 100,
    serverUser: 'postgres',
    storage: 'volume',
    ...changes,
  };
}
