import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { endSandbox } from '../../src/sandbox/local/end-sandbox.ts';
import type { Holder } from '../../src/sandbox/local/holder.ts';

const MINUTE_MS = 60_000;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fd-end-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(root, { recursive: true, force: true });
});

function holder(ended: Promise<void>): Holder {
  const process = { pid: 1, parentPid: 0, groupId: 1, startTicks: '' };
  return { seal: 'own-root', process, ended, enter: () => [], release: () => undefined, kill: () => undefined };
}

it('takes as long as necessary to remove files', async () => {
  const sandbox = join(root, 'sandbox');
  await mkdir(join(sandbox, 'data'), { recursive: true });
  await writeFile(join(sandbox, 'data', 'file'), '');
  const ending = endSandbox([sandbox], holder(Promise.resolve()));
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS); // all of it passes before the disk can answer
  await ending;
  expect(await readdir(root)).toEqual([]);
});

it('gives processes 20 s to end, and then says what is left', async () => {
  const ending = endSandbox([root], holder(new Promise(() => undefined)));
  const outcome = expect(ending).rejects.toMatchObject({
    code: 'sandbox-leaked',
    message: `could not remove the sandbox ${root}: its processes did not end within 20 s`,
  });
  await vi.advanceTimersByTimeAsync(20_000);
  await outcome;
});
