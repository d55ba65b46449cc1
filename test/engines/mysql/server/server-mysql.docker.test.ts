import { describe, expect, inject, it } from 'vitest';
import { bootIn, inSandbox, never, rejected, startServerSandbox, type Target } from './server-sandboxes.ts';
import { describeServer } from './server-suite.ts';

const target: Target = { runtime: 'docker', type: 'mysql', major: '9.7' };

describe.skipIf(!inject('dockerAnswers'))('in a container', () => {
  describeServer(target);

  it('boots in a small sandbox', async () => {
    const memoryBytes = 512 * 2 ** 20;
    await using sandbox = await startServerSandbox(target, { memoryBytes });
    const server = await bootIn(sandbox, target, { memoryBytes });
    expect(await server.withSession(undefined, never, (session) => session.ask('SELECT 1'))).toEqual([['1']]);
  });

  it('leaves nothing running when canceled during boot', async () => {
    await using sandbox = await startServerSandbox(target);
    const giveUp = new AbortController();
    const booting = rejected(bootIn(sandbox, target, { signal: giveUp.signal }));
    await until(async () => (await inSandbox(sandbox, 'ls -A "$1"', sandbox.paths.data)) !== '');
    giveUp.abort(new Error('given up'));
    expect((await booting).message).toBe('given up');
    expect(await inSandbox(sandbox, 'cat /proc/[0-9]*/comm 2>/dev/null')).not.toMatch(/mysqld/);
  });

  it('reports that the disk is full', async () => {
    const memoryBytes = 160 * 2 ** 20;
    await using sandbox = await startServerSandbox(target, { storage: 'tmpfs', memoryBytes });
    const error = await rejected(bootIn(sandbox, target, { memoryBytes }));
    expect(['disk-full', 'out-of-memory']).toContain(error.code);
  });
});

/** Repeats a check until it succeeds; each check takes time of its own. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
