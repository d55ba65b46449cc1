import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createDockerRuntime } from '../../src/sandbox/docker/docker-runtime.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';
import { leftovers, PROJECT } from './docker-harness.ts';
import { makeRequest, never, run } from './docker-sandboxes.ts';

const canStartSshd = process.env['CI'] === 'true' || existsSync('/usr/sbin/sshd');

describe.skipIf(!inject('dockerAnswers') || !canStartSshd)('a Docker engine over ssh', () => {
  let home: TemporaryDirectory;
  let sshd: Sshd;
  const engine = () => createDockerRuntime({ project: PROJECT, containerEngine: address() });
  const address = () => `ssh://${userInfo().username}@127.0.0.1:${sshd.port}`;

  beforeAll(async () => {
    home = makeTemporaryDirectory();
    sshd = await startSshd(home.path);
    // ssh reads this user's files whatever HOME says, so it gets a configuration that a test may change.
    const { clientKey, knownHosts } = sshd;
    await writeFile(join(home.path, 'config'), `IdentityFile ${clientKey}\nUserKnownHostsFile ${knownHosts}\n`);
    await writeFile(join(home.path, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${home.path}/config' "$@"\n`);
    await chmod(join(home.path, 'ssh'), 0o755);
    vi.stubEnv('PATH', `${home.path}:${process.env['PATH']}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await sshd[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  it('runs sandboxes like any remote engine, and leaves none behind', async () => {
    const runtime = engine();
    expect(await runtime.check(never)).toContain(` at ${address()}, `);
    const request = makeRequest();
    const box = await runtime.start(request, never);
    expect(box.containerEngine).toBe(address());
    const content = Readable.from([Buffer.alloc(2 ** 20, 'a'), Buffer.alloc(2 ** 20, 'b')]);
    await box.writeFiles(box.paths.scratch, Readable.from([{ name: 'a', sizeBytes: undefined, content }]), never);
    expect((await run(box, 'wc -c < "$1/a"', box.paths.scratch)).stdout.trim()).toBe(String(2 ** 21));
    expect(await run(box, 'exit 3')).toMatchObject({ exitCode: 3 });
    await box.dispose();
    expect(await leftovers(request.runId)).toEqual([]);
  });

  it('is not used while its host key is unknown, and says why', async () => {
    await writeFile(sshd.knownHosts, '');
    await expect(engine().check(never)).rejects.toMatchObject({
      code: 'engine-unreachable',
      message: expect.stringContaining('Host key verification failed'),
    });
  });
});
