import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readlink, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDirectorySource } from '../../../../src/backup/drivers/directory/directory-source.ts';
import { describeSourceContract, failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';

describeSourceContract('a local directory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'firedrill-source-'));
  let spaces = 0;
  return {
    noticesReplacement: true,
    space: async (prefix = '') => {
      spaces += 1;
      const place = join(root, String(spaces));
      await mkdir(join(place, prefix), { recursive: true });
      return {
        source: openDirectorySource(join(place, prefix)),
        put: async (key, body) => {
          await mkdir(dirname(join(place, key)), { recursive: true });
          await writeFile(`${join(place, key)}.new`, body);
          await rename(`${join(place, key)}.new`, join(place, key));
        },
        remove: async (key) => rm(join(place, key)),
      };
    },
    missing: async () => openDirectorySource(join(root, 'absent')),
    assertNothingOpen: async () => expect(await openFilesBelow(root)).toEqual([]),
    dispose: async () => rm(root, { recursive: true }),
  };
});

describe('a local directory', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'firedrill-source-'));
  });
  afterAll(async () => rm(root, { recursive: true }));

  it('follows a symbolic link inside the directory, and none that leads outside or in a loop', async () => {
    const place = join(root, 'links');
    await mkdir(join(place, 'real'), { recursive: true });
    await writeFile(join(root, 'secret.dump'), 'not for drills');
    await writeFile(join(place, 'real/a.dump'), 'a');
    await symlink('real/a.dump', join(place, 'latest.dump'));
    await symlink('..', join(place, 'real/up'));
    await symlink('../secret.dump', join(place, 'out.dump'));
    await symlink('nowhere', join(place, 'dangling.dump'));
    const keys: string[] = [];
    const dead = new Map<string, string>();
    const listed = openDirectorySource(place).list(never(), ({ key, why }) => dead.set(key, why));
    for await (const { key } of listed) keys.push(key);
    expect(keys.sort()).toEqual(['latest.dump', 'real/a.dump']);
    expect(Object.fromEntries(dead)).toEqual({
      'dangling.dump': 'dangling',
      'out.dump': 'outside',
    });
  });

  it('detects a file that is overwritten in place while being read', async () => {
    const place = join(root, 'over');
    await mkdir(place);
    await writeFile(join(place, 'a.dump'), randomBytes(1_000_000));
    const source = openDirectorySource(place);
    const [object] = await listAll(source);
    const stream = await source.read(must(object), { start: 0, end: 1_000_000 }, never());
    const drained = (async () => {
      for await (const chunk of stream) {
        expect(chunk.length).toBeGreaterThan(0);
        await utimes(join(place, 'a.dump'), new Date(0), new Date(0));
      }
    })();
    expect((await failure(drained)).code).toBe('backup-changed');
  });

  it('detects a file that is truncated', async () => {
    const place = join(root, 'cut');
    await mkdir(place);
    await writeFile(join(place, 'a.dump'), randomBytes(1000));
    const source = openDirectorySource(place);
    const [object] = await listAll(source);
    await truncate(join(place, 'a.dump'), 10);
    expect((await failure(readAll(source, must(object)))).code).toBe('backup-changed');
  });

  it('reports that a file is not a directory', async () => {
    await writeFile(join(root, 'file.dump'), 'x');
    const error = await failure(listAll(openDirectorySource(join(root, 'file.dump'))));
    expect(error.code).toBe('source-missing');
    expect(error.message).toContain('is a file, not a directory');
  });
});

async function openFilesBelow(root: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.startsWith(root));
}
