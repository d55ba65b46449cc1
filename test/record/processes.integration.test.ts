import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../src/record/store.ts';
import { findGone } from '../../src/run/clean-up.ts';
import { STAGES } from '../../src/support/vocabulary.ts';
import { NOON, runningRun } from '../support/run-records.ts';
import { deliveryOf } from '../support/schedule-records.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

const SCRIPT = fileURLToPath(new URL('store-child.ts', import.meta.url));
const children: ChildProcess[] = [];
let directory: TemporaryDirectory;
let path: string;

beforeEach(() => {
  directory = makeTemporaryDirectory();
  path = join(directory.path, 'history.sqlite');
});
afterEach(async () => {
  const alive = children.splice(0).filter((child) => child.exitCode === null && child.signalCode === null);
  for (const child of alive) child.kill('SIGKILL');
  directory[Symbol.dispose]();
  expect(alive).toHaveLength(0);
});

test('processes that start together without a store create one, and lose no run', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const said = await Promise.all(names.map((name) => lastWords(start('drill', name))));
  expect(said).toStrictEqual(names.map(() => 'done'));
  await using store = await openStore();
  const runs = await store.findRuns({ limit: 1000 });
  expect(runs).toHaveLength(100);
  expect(runs.every((run) => run.verdict === 'passed' && run.stages.length === STAGES.length)).toBe(true);
  expect(await store.getLog('c-24')).toHaveLength(1);
});

test('when two processes finish the same run, one succeeds, and its record stays', async () => {
  await using store = await openStore();
  await store.claim(runningRun({ id: 'one' }));
  const pair = [start('finish', 'one'), start('finish', 'one')];
  const said = await Promise.all(pair.map(lastWords));
  expect(said.toSorted()).toStrictEqual(['done', 'store-failed']);
  expect((await store.getRun('one')).triggeredBy).toBe(String(pair[said.indexOf('done')]?.pid));
});

test('a process killed while writing leaves its run, timeline and log, and the run can be abandoned', async () => {
  const child = start('write', 'killed');
  let steps = 0;
  for await (const words of linesOf(child)) {
    expect(words).toBe(`wrote ${steps}`);
    steps += 1;
    if (steps === 20) child.kill('SIGKILL');
  }
  await exited(child);
  await using store = await openStore();
  const run = await store.getRun('killed');
  expect(run.status).toBe('running');
  expect(run.stages.length).toBeGreaterThanOrEqual(steps);
  expect((await store.getLog('killed')).length).toBeGreaterThanOrEqual(steps);

  const marked = await store.interruptAbandoned(NOON, findGone);
  expect(marked.map(({ id }) => id)).toStrictEqual(['killed']);
  expect(await store.getRun('killed')).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } });
});

test('a transaction cut off by kill -9 leaves no trace and no lock', async () => {
  await using store = await openStore();
  await store.claim(runningRun({ id: 'held' }));
  const child = start('hold', 'held');
  for await (const words of linesOf(child)) {
    expect(words).toBe('inside');
    expect((await store.getRun('held')).status).toBe('running'); // readers see the last commit and do not wait
    child.kill('SIGKILL');
  }
  await exited(child);
  expect((await store.getRun('held')).status).toBe('running');
  await store.extendLease('held', NOON);
});

test('three processes that find the same due runs claim each one once', async () => {
  const said = await startTogether('claim-due', ['a', 'b', 'c']);
  await using store = await openStore();
  for (let index = 0; index < 10; index += 1) {
    const outcomes = said.map((lines) => lines.find((line) => line.startsWith(`drill-${index} `))?.split(' ')[1]);
    expect(outcomes.toSorted()).toStrictEqual(['claimed', 'taken', 'taken']);
    const winner = ['a', 'b', 'c'][outcomes.indexOf('claimed')];
    expect(await store.findRuns({ drill: `drill-${index}`, limit: 9 })).toMatchObject([
      { id: `drill-${index}-by-${winner}`, status: 'running' },
    ]);
  }
  expect((await store.getDrillStates()).map(({ version }) => version)).toStrictEqual(Array(10).fill(1));
});

test('concurrent processes lose no state change', async () => {
  const said = await startTogether('change-state', ['', '']);
  expect(said.map((lines) => lines.at(-1))).toStrictEqual(['done', 'done']);
  await using store = await openStore();
  expect(await store.getDrillStates()).toMatchObject([{ version: 40 }]);
});

test('concurrent processes send each notification once', async () => {
  await withStore(async (store) => {
    const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
    await store.enqueue(ids.map((id) => deliveryOf({ id, key: id })));
  });
  const said = await startTogether('take-messages', ['', '']);
  const sent = said.flat().filter((line) => line.startsWith('sent '));
  expect(sent).toHaveLength(20);
  expect(new Set(sent).size).toBe(20);
});

const canMount = spawnSync('unshare', [
  '--user',
  '--map-root-user',
  '--mount',
  'mount',
  '-t',
  'tmpfs',
  'tmpfs',
  '/mnt',
]);

test.skipIf(canMount.status !== 0)(
  'a full disk is reported as such, and the run is saved once there is space',
  async () => {
    const disk = join(directory.path, 'disk');
    mkdirSync(disk);
    const mount = `mount -t tmpfs -o size=4m tmpfs ${disk} && exec "$@"`;
    const node = [process.execPath, SCRIPT, 'fill', join(disk, 'history.sqlite'), 'full'];
    const child = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', mount, 'sh', ...node], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    expect(await allWords(child)).toStrictEqual(['disk-full', 'completed', 'done']);
  },
);

function openStore() {
  return openSqliteStore(path);
}

function start(action: string, argument: string): ChildProcess {
  const child = spawn(process.execPath, [SCRIPT, action, path, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/**
 * Starts a process for each argument and holds the store's lock until all of them are waiting for it.
 * @returns the output of each after that.
 */
async function startTogether(action: string, args: readonly string[]): Promise<string[][]> {
  await withStore((store) => store.check());
  const lock = new DatabaseSync(path);
  lock.exec('begin immediate');
  const started = args.map((argument) => linesOf(start(action, argument))[Symbol.asyncIterator]());
  for (const lines of started) expect((await lines.next()).value).toBe('ready');
  lock.exec('rollback');
  lock.close();
  const said = await Promise.all(started.map(collect));
  await Promise.all(children.map(exited));
  return said;
}

async function withStore(work: (store: Store) => Promise<unknown>): Promise<void> {
  await using store = await openStore();
  await work(store);
}

async function lastWords(child: ChildProcess): Promise<string> {
  return (await allWords(child)).at(-1) ?? '';
}

async function allWords(child: ChildProcess): Promise<string[]> {
  const words = await collect(linesOf(child)[Symbol.asyncIterator]());
  await exited(child);
  return words;
}

/** The rest of the output. */
async function collect<T>(iterator: AsyncIterator<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of { [Symbol.asyncIterator]: () => iterator }) all.push(item);
  return all;
}

function linesOf(child: ChildProcess) {
  if (!child.stdout) throw new Error('the child has no stdout');
  return createInterface({ input: child.stdout });
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
