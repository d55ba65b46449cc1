import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINE_DESCRIPTORS } from '../../src/engines/registry.ts';
import { findServers } from '../../src/sandbox/local/find-binaries.ts';
import { createLocalRuntime } from '../../src/sandbox/local/runtime.ts';

describe('finding servers', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('finds one on the PATH behind a link, asks for its version once, and sees the programs next to it', async () => {
    const binDir = await makeServer('postgresql@16/bin', 'postgres', 'postgres (PostgreSQL) 16.14 (Homebrew)');
    await writeFile(join(binDir, 'pg_restore'), '');
    const links = join(root, 'links');
    await mkdir(links);
    await symlink(join(binDir, 'postgres'), join(links, 'postgres'));
    const found = await findServers(ENGINE_DESCRIPTORS.postgres, [links, binDir, join(root, 'missing')].join(':'));
    expect(found.filter((each) => each.binDir === binDir)).toEqual([
      {
        engine: 'postgres',
        version: '16.14',
        binDir,
        from: `in ${binDir}`,
        installRoots: [join(root, 'postgresql@16')],
        libraryLinks: [],
        hasClientTools: true,
      },
    ]);
    expect(await readFile(join(binDir, 'asked'), 'utf8')).toBe('once\n');
  });

  it("does not mistake MariaDB's mysqld for MySQL's", async () => {
    const maria = await makeServer(
      'maria',
      'mysqld',
      'mysqld  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64 (Debian 12)',
    );
    const mysql = await makeServer(
      'mysql',
      'mysqld',
      '/usr/sbin/mysqld  Ver 9.7.4-0debian1 for Linux on x86_64 ((Debian))',
    );
    const found = await findServers(ENGINE_DESCRIPTORS.mysql, [maria, mysql].join(':'));
    expect(found.filter(({ binDir }) => binDir.startsWith(root)).map(({ version }) => version)).toEqual(['9.7.4']);
  });

  it('skips a program that does not run here', async () => {
    const broken = await makeServer('broken', 'postgres', 'postgres (PostgreSQL) 17.1');
    await writeFile(join(broken, 'postgres'), 'no program');
    expect((await findServers(ENGINE_DESCRIPTORS.postgres, broken)).map(({ binDir }) => binDir)).not.toContain(broken);
  });

  it('asks no further servers whether the runtime is usable once one has been found', async () => {
    const postgres = await makeServer('pg', 'postgres', 'postgres (PostgreSQL) 16.14');
    const mysql = await makeServer('my', 'mysqld', 'mysqld  Ver 9.7.4 for Linux on x86_64 (Source distribution)');
    const engines = [ENGINE_DESCRIPTORS.postgres, ENGINE_DESCRIPTORS.mysql];
    const runtime = createLocalRuntime({ engines, searchPath: [postgres, mysql].join(':') });
    await runtime.requireUsable?.(new AbortController().signal);
    expect([existsSync(join(postgres, 'asked')), existsSync(join(mysql, 'asked'))]).toEqual([true, false]);
  });

  async function makeServer(directory: string, name: string, version: string): Promise<string> {
    const binDir = join(root, directory);
    await mkdir(binDir, { recursive: true });
    await writeFile(join(binDir, name), `#!/bin/sh\necho once >> '${binDir}/asked'\necho '${version}'\n`);
    await chmod(join(binDir, name), 0o755);
    return binDir;
  }
});
