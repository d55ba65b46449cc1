import { cp, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

const AT = new Date('2026-11-21T12:00:00Z');
const BEFORE = new Date('2026-11-21T11:00:00Z');
const AFTER = new Date('2026-11-21T13:00:00Z');

it('firedrill ends when its work is done, whatever is still held open', async () => {
  await using workspace = await makeWorkspace();
  const { directory } = workspace;
  const bin = await copyBin(directory);
  const text = `export const main = async () => { setInterval(() => undefined, 1000); process.stdout.write('x'.repeat(1e6)); return 3; };\n`;
  await writeFile(join(directory, 'dist/main.mjs'), text);
  const { stdout, exitCode } = await execa(process.execPath, [bin], {
    env: { XDG_CACHE_HOME: directory },
    reject: false,
  });
  expect([stdout.length, exitCode]).toEqual([1e6, 3]);
});

it.each([
  {
    what: 'the bundle when no file of src has changed since',
    files: { 'dist/main.mjs': AT, 'src/main.ts': BEFORE, 'src/a.ts': BEFORE },
    runs: 'dist',
  },
  {
    what: 'src when any file of it has',
    files: { 'dist/main.mjs': AT, 'src/main.ts': BEFORE, 'src/a.ts': AFTER },
    runs: 'src',
  },
  { what: 'src when there is no bundle', files: { 'src/main.ts': BEFORE }, runs: 'src' },
  { what: 'the bundle when there is nothing else', files: { 'dist/main.mjs': AT }, runs: 'dist' },
])('firedrill starts $what', async ({ files, runs }) => {
  await using workspace = await makeWorkspace();
  const { directory } = workspace;
  const bin = await copyBin(directory);
  for (const name of Object.keys(files)) {
    const text = `export const main = async () => { process.stdout.write('${name.split('/')[0]}'); return 3; };\n`;
    await writeFile(join(directory, name), text);
  }
  for (const [name, time] of Object.entries(files)) await utimes(join(directory, name), time, time);
  await utimes(join(directory, 'src'), BEFORE, BEFORE);
  const env = { XDG_CACHE_HOME: directory };
  const { stdout, exitCode } = await execa(process.execPath, [bin], { env, reject: false });
  expect([stdout, exitCode]).toEqual([runs, 3]);
});

async function copyBin(directory: string): Promise<string> {
  const bin = join(directory, 'bin', 'firedrill.mjs');
  for (const folder of ['bin', 'dist', 'src']) await mkdir(join(directory, folder));
  await cp(new URL('../../bin/firedrill.mjs', import.meta.url), bin);
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  return bin;
}
