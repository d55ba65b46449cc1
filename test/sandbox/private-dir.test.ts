import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listPrivateDirs, makeOpenSubdir, makePrivateDir } from '../../src/sandbox/private-dir.ts';
import { currentOwner } from '../../src/support/owner.ts';

describe('private directories', () => {
  const identity = { runId: 'r1', drill: 'orders', owner: currentOwner(), leaseExpiresAt: new Date(Date.now() + 1000) };
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'pd-'));
    vi.stubEnv('XDG_RUNTIME_DIR', root);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true });
  });

  const found = async (runtime = 'docker') =>
    (await listPrivateDirs(runtime)).filter(({ path }) => path.startsWith(root));

  it('are private and short, and contain an open directory for a sandbox', async () => {
    const dir = await makePrivateDir(identity, 'docker');
    const inner = await makeOpenSubdir(dir, 's');
    expect((await stat(dir.path)).mode & 0o777).toBe(0o700);
    expect((await stat(inner)).mode & 0o777).toBe(0o777);
    expect(Buffer.byteLength(join(inner, '.s.PGSQL.5432'))).toBeLessThan(103);
  });

  it('are found again with their owner, but only by their own runtime', async () => {
    const dir = await makePrivateDir(identity, 'docker');
    expect(await found()).toEqual([dir]);
    expect(await found('local')).toEqual([]);
  });

  it('are identified by their name if their creator died before writing more', async () => {
    const dir = await makePrivateDir(identity, 'docker');
    await rm(join(dir.path, 'owner.json'));
    expect(await found()).toMatchObject([{ path: dir.path, identity: { runId: 'unknown', owner: identity.owner } }]);
  });

  it('are not confused with a link, a file or a directory with a similar name', async () => {
    await mkdir(join(root, 'elsewhere'));
    await symlink(join(root, 'elsewhere'), join(root, 'fd-1-2-abcdef'));
    await writeFile(join(root, 'fd-1-3-abcdef'), '');
    await mkdir(join(root, 'fd-mine'));
    expect(await found()).toEqual([]);
  });

  it('have a fallback if the runtime directory is not writable', async () => {
    vi.stubEnv('XDG_RUNTIME_DIR', join(root, 'missing'));
    const dir = await makePrivateDir(identity, 'docker');
    expect(dir.path.startsWith(root)).toBe(false);
    await chmod(dir.path, 0o700);
    await rm(dir.path, { recursive: true });
  });
});
