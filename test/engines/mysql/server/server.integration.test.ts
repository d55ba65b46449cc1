import { describe, expect, it } from 'vitest';
import { hasHostMariadb } from '../../../support/host-mariadb.ts';
import { bootIn, inSandbox, never, rejected, startServerSandbox, type Target } from './server-sandboxes.ts';
import { describeServer } from './server-suite.ts';

const target: Target = { runtime: 'local', type: 'mariadb', major: '10.11' };
if (!hasHostMariadb) process.stderr.write('\nSKIPPED: no MariaDB server here, so none is booted on the host.\n\n');

describe.skipIf(!hasHostMariadb)('on the host', () => {
  describeServer(target);

  it('leaves nothing running when canceled during boot', async () => {
    await using sandbox = await startServerSandbox(target);
    const giveUp = new AbortController();
    const booting = rejected(bootIn(sandbox, target, { signal: giveUp.signal }));
    await until(async () => (await inSandbox(sandbox, 'ls -A "$1"', sandbox.paths.data)) !== '');
    giveUp.abort(new Error('given up'));
    expect((await booting).message).toBe('given up');
    // A process that has ended is a zombie (Z) until the sandbox's first process reaps it.
    const running = await inSandbox(sandbox, "sed -n '/) Z /!p' /proc/[0-9]*/stat 2>/dev/null");
    expect(running).not.toMatch(/mariadbd/);
  });

  it('reports its own message when it cannot start', async () => {
    await using sandbox = await startServerSandbox(target);
    await inSandbox(sandbox, 'chmod 500 "$1"', sandbox.paths.data);
    const error = await rejected(bootIn(sandbox, target));
    expect(error).toMatchObject({ code: 'server-failed', message: expect.stringMatching(/^the server did not start/) });
  });

  it('loads with durable settings when requested, and stays up when sealed', async () => {
    await using sandbox = await startServerSandbox(target);
    const server = await bootIn(sandbox, target, { durability: 'production' });
    const settings = () =>
      server.withSession(undefined, never, (session) =>
        session.ask('SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite'),
      );
    expect(await settings()).toEqual([['1', '1']]);
    const before = server.serverProcess;
    await server.adminSession.execute("DELETE FROM mysql.global_priv WHERE User LIKE 'firedrill%'");
    await server.seal(never);
    expect(server.serverProcess).toBe(before);
    expect(await settings()).toEqual([['1', '1']]);
  });
});

/** Repeats a check until it succeeds; each check takes time of its own. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
