import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

const old = findOldNode();

it('writes all of its output and exits with the exit code of the command', async () => {
  await using workspace = await makeWorkspace();
  const bin = await copyBin(workspace.directory, ['dist/main.mjs'], `process.stdout.write('x'.repeat(1e6));`);
  const { stdout, exitCode } = await execa(process.execPath, [bin], {
    env: { XDG_CACHE_HOME: workspace.directory },
    reject: false,
  });
  expect([stdout.length, exitCode]).toEqual([1e6, 3]);
});

it.each([
  { what: 'the bundle', files: ['dist/main.mjs', 'src/main.ts'], options: [], runs: 'dist/main.mjs' },
  {
    what: 'src under the condition development',
    files: ['dist/main.mjs', 'src/main.ts'],
    options: ['--conditions=development'],
    runs: 'src/main.ts',
  },
  { what: 'src when there is no bundle', files: ['src/main.ts'], options: [], runs: 'src/main.ts' },
  { what: 'the bundle when there is nothing else', files: ['dist/main.mjs'], options: [], runs: 'dist/main.mjs' },
])('starts $what', async ({ files, options, runs }) => {
  await using workspace = await makeWorkspace();
  const bin = await copyBin(workspace.directory, files);
  const env = { XDG_CACHE_HOME: workspace.directory };
  const { stdout, exitCode } = await execa(process.execPath, [...options, bin], { env, reject: false });
  expect([stdout, exitCode]).toEqual([runs, 3]);
});

it.each(
  [
    { node: process.execPath, flag: '--version' },
    { node: process.execPath, flag: '-V' },
    { node: old, flag: '--version' },
  ].filter(({ node }) => node !== undefined),
)('prints its version with $flag without loading the program ($node)', async ({ node, flag }) => {
  await using workspace = await makeWorkspace();
  const bin = await copyBin(workspace.directory, []);
  const { stdout, stderr, exitCode } = await execa(node ?? '', [bin, flag], { reject: false });
  const { version } = JSON.parse(await readFile(join(workspace.directory, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect([stdout, stderr, exitCode]).toEqual([version, '', 0]);
});

it('caches compiled code for each kind of command', async () => {
  await using workspace = await makeWorkspace();
  const bin = await copyBin(workspace.directory, ['dist/main.mjs']);
  const env = { XDG_CACHE_HOME: workspace.directory, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  let told = '';
  for (const command of ['list', 'run', 'list', 'run']) {
    const { all } = await execa(process.execPath, [bin, command], { env, reject: false, all: true });
    told += all;
  }
  expect([told.match(/was accepted/g)?.length, told.match(/was rejected/g)]).toEqual([2, null]);
});

it('loads no HTTP client for a command that sends no request', async () => {
  await using workspace = await makeWorkspace();
  await mkdir(join(workspace.directory, 'drills'));
  await writeFile(join(workspace.directory, 'drills', 'broken.yaml'), 'name: broken\n');
  const bin = fileURLToPath(new URL('../../bin/firedrill.mjs', import.meta.url));
  const tell = `data:text/javascript,process.on('exit', () => console.log('MODULES', process.moduleLoadList.join()))`;
  const { stdout, exitCode } = await execa(process.execPath, ['--import', tell, bin, 'list'], {
    cwd: workspace.directory,
    reject: false,
  });
  const loaded = stdout.split('MODULES').at(-1)?.split(',') ?? [];
  expect(loaded).toContain('NativeModule fs');
  expect(loaded.filter((name) => /\b(?:http|https|undici)$/.test(name))).toEqual([]);
  expect(exitCode).toBe(64);
});

it('reports what an existing bundle cannot import, instead of starting src', async () => {
  await using workspace = await makeWorkspace();
  const bin = await copyBin(workspace.directory, ['dist/main.mjs', 'src/main.ts']);
  await writeFile(
    join(workspace.directory, 'dist/main.mjs'),
    `import 'nothing-of-this-name';
`,
  );
  const { stderr, exitCode } = await execa(process.execPath, [bin], {
    env: { XDG_CACHE_HOME: workspace.directory },
    reject: false,
  });
  expect([stderr.includes('nothing-of-this-name'), exitCode]).toEqual([true, 1]);
});

/** Prints its pid and each signal, and exits half a second after the last one, by when a repeat would have arrived. */
const COUNTS_SIGNALS = `
  let end;
  const ended = new Promise((resolve) => { end = resolve; });
  let timer = setTimeout(end, 20_000);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => { console.log(signal); clearTimeout(timer); timer = setTimeout(end, 500); });
  console.log('up', process.pid);
  await ended;
`;

it.skipIf(!old)('restarts with the Node that npm installed when the machine has an older one', async () => {
  const bin = fileURLToPath(new URL('../../bin/firedrill.mjs', import.meta.url));
  const { stdout, stderr, exitCode } = await execa(old ?? '', [bin, 'lisst'], { reject: false, cwd: '/' });
  expect([stdout, stderr.split('\n')[0], exitCode]).toEqual(['', "usage: unknown command 'lisst'", 64]);
});

it.skipIf(!old)('says what to do when the machine has an older Node and npm did not install one', async () => {
  await using workspace = await makeWorkspace();
  const bin = await copyBin(workspace.directory, ['dist/main.mjs']);
  const { stderr, exitCode } = await execa(old ?? '', [bin], { reject: false });
  expect(stderr).toMatch(/^firedrill needs Node 24 or later, and this is Node \d/);
  expect(exitCode).toBe(64);
});

it.skipIf(!old).each([
  { to: 'the process that was started', group: false, program: false, signals: ['SIGTERM'] },
  { to: 'its whole process group', group: true, program: false, signals: ['SIGTERM'] },
  { to: 'its whole process group, two kinds', group: true, program: false, signals: ['SIGHUP', 'SIGTERM'] },
  { to: 'the program alone', group: false, program: true, signals: ['SIGINT'] },
] as const)('forwards each signal once when started by an older Node: to $to', async ({ group, program, signals }) => {
  await using workspace = await makeWorkspace();
  const bin = await copyBin(workspace.directory, ['dist/main.mjs'], COUNTS_SIGNALS);
  await linkModules(workspace.directory);
  const started = execa(old ?? '', [bin], {
    detached: true,
    reject: false,
    env: { XDG_CACHE_HOME: workspace.directory },
  });
  const heard: string[] = [];
  for await (const line of started) {
    heard.push(line.replace(/^up .*/, 'up'));
    const next = signals[heard.length - 1];
    const pid = program ? Number(line.split(' ')[1]) : (started.pid ?? 0);
    if (next) process.kill(group ? -pid : pid, next);
  }
  expect(heard).toEqual(['up', ...signals]);
  expect((await started).exitCode).toBe(3);
});

it.skipIf(!old)('is watched by systemd when started by an older Node', async () => {
  await using workspace = await makeWorkspace();
  const body = 'process.stdout.write(`${process.env.WATCHDOG_PID} ${process.env.WATCHDOG_USEC}`);';
  const bin = await copyBin(workspace.directory, ['dist/main.mjs'], body);
  await linkModules(workspace.directory);
  const script = 'WATCHDOG_PID=$$ WATCHDOG_USEC=9 exec "$0" "$1"';
  const { stdout } = await execa('sh', ['-c', script, old ?? '', bin], {
    reject: false,
    env: { XDG_CACHE_HOME: workspace.directory },
  });
  expect(stdout).toBe('undefined 9');
});

/** A Node on this machine that is too old to run the program. */
function findOldNode(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(':').filter((path) => !path.includes('node_modules'));
  return directories
    .map((directory) => join(directory, 'node'))
    .find((node) => {
      const { stdout } = execaSync(node, ['--version'], { reject: false });
      return typeof stdout === 'string' && /^v\d+/.test(stdout) && Number.parseInt(stdout.slice(1), 10) < 24;
    });
}

/** Lets the copy find the Node that npm installed. */
async function linkModules(directory: string): Promise<void> {
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(directory, 'node_modules'));
}

/** @param files programs that print their own name and exit with 3, after `body` if given. */
async function copyBin(directory: string, files: readonly string[], body?: string): Promise<string> {
  const root = new URL('../../', import.meta.url);
  const bin = join(directory, 'bin', 'firedrill.mjs');
  for (const folder of ['bin', 'dist', 'src']) await mkdir(join(directory, folder));
  await cp(new URL('bin/firedrill.mjs', root), bin);
  await cp(new URL('package.json', root), join(directory, 'package.json'));
  for (const name of files) {
    const text = `export const main = async () => { ${body ?? `process.stdout.write('${name}');`} return 3; };\n`;
    await writeFile(join(directory, name), text);
  }
  return bin;
}
