import { execFileSync } from 'node:child_process';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildImage, composeCommand, type Installation, makeInstallation } from './installation.ts';
import { testFleet } from './test-fleet.ts';

/** The image is built from scratch on a new machine: packages are downloaded and linked for it. */
const BUILD_TIMEOUT_MS = 900_000;

if (!composeCommand && process.env['CI'] === 'true')
  throw new Error('no Compose is installed: .ci/provision does that');

const isSkipped = !inject('dockerAnswers') || !composeCommand;

let image: AsyncDisposable | undefined;
beforeAll(async () => {
  if (!isSkipped) image = await buildImage();
}, BUILD_TIMEOUT_MS);
afterAll(() => image?.[Symbol.asyncDispose]());

/** All of docker-compose.yml, with the drills that it includes: databases, backups by the real tools, store, scheduler, mail. */
describe.skipIf(isSkipped)('docker-compose.yml', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await makeInstallation({
      name: 'one',
      files: ['docker-compose.yml', 'test/compose/docker-compose.ci.yml'],
    });
    await installation.compose('up', '--detach', '--no-build');
  });
  afterAll(() => installation[Symbol.asyncDispose]());

  test.each(['shop-postgres', 'shop-mysql'])('drills %s as soon as there is a backup, and passes', async (drill) => {
    expect(await ended(drill, 'PASSED|FAILED|ERRORED|INTERRUPTED')).toContain(`PASSED ${drill}: recovered in`);
    const [run] = await history(drill);
    expect(run).toMatchObject({
      status: 'completed',
      verdict: 'passed',
      reasons: [],
      sandbox: { runtime: 'docker', removed: true },
    });
  });

  test('runs a healthy, unprivileged scheduler that can write only to its volume', async () => {
    await installation.healthy('firedrill');
    const { Config, HostConfig } = inspect(await installation.containerOf('firedrill'));
    expect(Config.User).toBe('firedrill');
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], Privileged: false });
    expect(HostConfig.SecurityOpt).toEqual(['no-new-privileges:true']);
    const { stdout } = await installation.exec(
      'firedrill',
      'sh',
      '-c',
      'id -u; for d in / /app /etc/firedrill; do touch $d/x 2> /dev/null || echo refused; done',
    );
    expect(stdout.trim().split('\n')).toEqual(['10001', 'refused', 'refused', 'refused']);
  });

  test('has all that its drills need, according to its own doctor', async () => {
    const { code, stdout } = await installation.exec('firedrill', 'firedrill', 'doctor');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^✔ docker /m) });
  });

  test('connects to sandboxes through sockets that no other local user can reach', async () => {
    const [run] = await history('shop-mysql');
    expect(run?.['sandbox']).toMatchObject({
      isolation: expect.stringContaining('a Unix socket in a private directory'),
    });
  });

  test('fails the drill of an incomplete backup and sends a mail', async () => {
    const [drill, why] = ['shop-mysql', 'the backup ends in the middle of its gzip data'];
    const put = await installation.exec('upload', 'node', '/app/ops/break-backup.mjs', 'mysql');
    expect(put.stdout).toContain('put half of');
    expect(await ended(drill, 'FAILED|ERRORED|INTERRUPTED')).toContain(`FAILED ${drill}: `);
    const [run] = await history(drill);
    expect(run).toMatchObject({
      status: 'completed',
      verdict: 'failed',
      reasons: [{ reason: 'unrestorable', sentence: expect.stringContaining(why), hint: expect.any(String) }],
      trigger: expect.objectContaining({ kind: 'new-backup' }),
    });
    // The subject has to match: a digest that is due at that hour names the drill as well.
    const raw = JSON.parse(await installation.logged('mail', new RegExp(`Subject:(?:(?!\\\\r).)*${drill}`))) as string;
    const { subject, text, to } = await new PostalMime().parse(raw);
    expect(to).toEqual([expect.objectContaining({ address: 'oncall@shop.example' })]);
    expect(subject).toContain(`FAILED ${drill}`);
    expect(text?.replaceAll(/\s+/g, ' ')).toContain(why);
  });

  test('stops when asked, and removes nothing but its own resources', async () => {
    await installation.compose('stop', 'firedrill');
    const { State } = inspect(await installation.containerOf('firedrill'));
    expect(State).toMatchObject({ ExitCode: 0, OOMKilled: false });
    await installation.compose('down', '--volumes', '--timeout', '3');
    expect(await installation.leftovers()).toEqual([]);
  });

  /** The line in which the scheduler logs how a run has ended. */
  function ended(drill: string, words: string): Promise<string> {
    return installation.logged('firedrill', new RegExp(`"msg":"(${words}) ${drill}: `));
  }

  async function history(drill: string): Promise<readonly Record<string, unknown>[]> {
    const { stdout } = await installation.exec('firedrill', 'firedrill', 'history', drill, '--json');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
});

describe.skipIf(isSkipped)('docker-compose.fleet.yml', testFleet);

interface Inspected {
  readonly Config: { readonly User: string };
  readonly HostConfig: { readonly SecurityOpt: readonly string[] };
  readonly State: unknown;
}

function inspect(container: string): Inspected {
  const [found] = JSON.parse(
    execFileSync('docker', ['inspect', container], { encoding: 'utf8' }),
  ) as readonly Inspected[];
  if (!found) throw new Error(`the engine knows no container ${container}`);
  return found;
}
