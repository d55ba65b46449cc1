import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { composeCommand } from './installation.ts';

const FILES = ['docker-compose.yml', 'docker-compose.fleet.yml'];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe.skipIf(!inject('dockerAnswers') || !composeCommand)('ops/compose/make-env', () => {
  let directory = '';
  afterEach(() => rm(directory, { recursive: true }));

  test('writes everything that the Compose files need, readable only by its owner, and never changes it', async () => {
    directory = await checkout();
    expect(makeEnv()).toMatchObject({ status: 0, stderr: '' });
    const env = join(directory, '.env');
    const text = await readFile(env, 'utf8');
    const gid = (await stat('/var/run/docker.sock')).gid;
    expect(text).toMatch(/^S3_KEY=[0-9a-f]{32}$/m);
    expect(text).toMatch(/^S3_SECRET=[0-9a-f]{32}$/m);
    expect(text).toMatch(/^BACKUP_PASSWORD=[0-9a-f]{32}$/m);
    expect(text).toMatch(new RegExp(`^DOCKER_GID=${gid}$`, 'm'));
    expect((await stat(env)).mode & 0o777).toBe(0o600);
    expect(text).toMatch(/^STORE_PASSWORD=[0-9a-f]{32}$/m);
    for (const file of FILES) expect(compose('-f', file, 'config', '--quiet')).toMatchObject({ status: 0, stderr: '' });

    expect(makeEnv()).toMatchObject({ status: 1, stderr: '.env is there already; remove it to have a new one\n' });
    expect(await readFile(env, 'utf8')).toBe(text);
  });

  test('is named in the error of Compose when it was not run', async () => {
    directory = await checkout();
    const { status, stderr } = compose('config', '--quiet');
    expect(status).not.toBe(0);
    expect(stderr).toContain('is not set; ops/compose/make-env makes .env');
  });

  async function checkout(): Promise<string> {
    const copy = await mkdtemp(join(tmpdir(), 'firedrill-env-'));
    await mkdir(join(copy, 'ops/compose'), { recursive: true });
    for (const file of ['.env.example', 'ops/compose/make-env', ...FILES])
      await copyFile(join(ROOT, file), join(copy, file));
    return copy;
  }

  function makeEnv() {
    return run('ops/compose/make-env', []);
  }

  function compose(...args: readonly string[]) {
    const [command = '', ...prefix] = composeCommand ?? [];
    return run(command, [...prefix, ...args]);
  }

  function run(command: string, args: readonly string[]) {
    return spawnSync(command, args, { cwd: directory, encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  }
});
