import { execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePrintDirectory } from '../../../src/report/pdf/print-directory.ts';
import { printPdf } from '../../../src/report/pdf/print-pdf.ts';

/** Contains stand-ins for Chromium, which write their arguments and environment in place of the PDF, or act as their body says. */
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-print-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function program(name: string, body: string): Promise<Record<string, string>> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return { PATH: '/usr/bin:/bin', FIREDRILL_CHROMIUM: path, SECRET: 'hunter2' };
}

const WRITE = `for one; do case $one in --print-to-pdf=*) { echo '%PDF-1.4'; printf '%s\\n' "$@"; env; } > "\${one#--print-to-pdf=}";; esac; done`;
const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('firedrill-pdf-'));

test('runs the program with an empty profile, without network or our environment, and leaves nothing behind', async () => {
  const before = await leftovers();
  const env = await program('writes', WRITE);
  const text = Buffer.from(await printPdf('<p>x</p>', { env, isRoot: false })).toString();
  expect(text).toMatch(/^--user-data-dir=.*\/firedrill-pdf-[\w-]+\/profile$/m);
  expect(text).toMatch(/^file:\/\/.*\/report\.html$/m);
  expect(text).toMatch(/^--host-resolver-rules=MAP \* ~NOTFOUND$/m);
  expect(text).toMatch(/^HOME=.*firedrill-pdf-/m);
  expect(text).not.toMatch(/--no-sandbox|hunter2/);
  expect(await leftovers()).toEqual(before);
});

test('turns the sandbox of Chromium off only as root, and only if asked to', async () => {
  const env = await program('root', WRITE);
  await expect(printPdf('', { env, isRoot: true })).rejects.toMatchObject({
    code: 'pdf-failed',
    hint: expect.stringContaining('FIREDRILL_CHROMIUM_SANDBOX=off'),
  });
  const off = { ...env, FIREDRILL_CHROMIUM_SANDBOX: 'off' };
  expect(Buffer.from(await printPdf('', { env: off, isRoot: true })).toString()).toContain('\n--no-sandbox\n');
  expect(Buffer.from(await printPdf('', { env: off, isRoot: false })).toString()).not.toContain('--no-sandbox');
});

test.each([
  ['ends with an error', "echo 'no display' >&2; exit 3", 60_000, /^Chromium ended with 3: no display$/],
  ['prints nothing', 'exit 0', 60_000, /^Chromium ended without a PDF$/],
  ['is killed', 'kill -TERM $$', 60_000, /^Chromium was ended by SIGTERM$/],
  ['hangs', 'exec sleep 600', 200, /^Chromium did not print within 0\.2 s$/],
])('reports when it %s, and leaves nothing behind', async (name, body, timeoutMs, message) => {
  const before = await leftovers();
  const env = await program(name.replaceAll(' ', '-'), body);
  await expect(printPdf('', { env, isRoot: false, timeoutMs })).rejects.toMatchObject({
    code: 'pdf-failed',
    message: expect.stringMatching(message),
  });
  expect(await leftovers()).toEqual(before);
});

test('ends Chromium and its children when it is canceled, and leaves nothing behind', async () => {
  const before = await leftovers();
  const fifo = join(directory, 'fifo');
  await promisify(execFile)('mkfifo', [fifo]);
  const env = await program('has-a-child', `exec 3> ${fifo}; sleep 600 & echo started >&3; wait`);
  const canceling = new AbortController();
  const reason = new Error('canceled');
  const printed = expect(printPdf('', { env, isRoot: false, signal: canceling.signal })).rejects.toBe(reason);
  // Both processes hold the fifo open, so it ends once both are dead.
  for await (const text of createReadStream(fifo, 'utf8')) {
    expect(text).toBe('started\n');
    canceling.abort(reason);
  }
  await printed;
  expect(await leftovers()).toEqual(before);
});

test('ends Chromium and its children when the process that prints is killed', async () => {
  const fifo = join(directory, 'fifo-of-killed');
  await promisify(execFile)('mkfifo', [fifo]);
  const { FIREDRILL_CHROMIUM: path = '' } = await program(
    'outlives',
    `exec 3> ${fifo}; sleep 600 & echo started >&3; wait`,
  );
  const module = new URL('../../../src/report/pdf/run-chromium.ts', import.meta.url).href;
  const limits = { directory, path: '/usr/bin:/bin', timeoutMs: 600_000 };
  const script = `(await import('${module}')).runChromium(${JSON.stringify(path)}, [], ${JSON.stringify(limits)})`;
  const printer = spawn(process.execPath, ['--input-type=module', '-e', `await ${script}`], { stdio: 'ignore' });
  // Both processes of the program hold the fifo open, so it ends once both are dead.
  for await (const text of createReadStream(fifo, 'utf8')) {
    expect(text).toBe('started\n');
    printer.kill('SIGKILL');
  }
});

test('starts nothing when it is already canceled', async () => {
  const env = await program('never', WRITE);
  const reason = new Error('canceled');
  await expect(printPdf('', { env, isRoot: false, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('removes what a killed process left, but nothing of a live process or another host', async () => {
  const own = await makePrintDirectory();
  const [, prefix = '', host = ''] = /^(.*firedrill-pdf-)([0-9a-f]{8})-/.exec(own) ?? [];
  const dead = `${prefix}${host}-${process.pid}-1-abcdef`; // our id, but another process's start time
  const foreign = `${prefix}00000000-${process.pid}-1-abcdef`;
  await using _ = {
    [Symbol.asyncDispose]: async () => {
      for (const path of [own, dead, foreign]) await rm(path, { recursive: true, force: true });
    },
  };
  await mkdir(join(dead, 'profile'), { recursive: true });
  await mkdir(foreign);
  const env = await program('sweeps', WRITE);
  await printPdf('', { env, isRoot: false });
  const left = (await leftovers()).map((name) => join(tmpdir(), name));
  expect([own, foreign, dead].map((path) => left.includes(path))).toEqual([true, true, false]);
});
