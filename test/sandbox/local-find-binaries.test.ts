import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseServer, describeServer, findServers, listServers } from '../../src/sandbox/local/find-binaries.ts';
import type { ServerInstall } from '../../src/sandbox/local/server-install.ts';

describe('choosing a server for a backup', () => {
  const installs = [install('15.18'), install('18.4', { from: 'from npm', hasClientTools: false }), install('17.11')];

  it.each([
    ['15', '15.18'],
    ['17', '17.11'],
    ['18', '18.4'],
    ['16', '17.11'],
    ['9.6', '15.18'],
  ])('takes for a backup from %s exactly that, or the nearest newer: %s', (major, version) => {
    expect(chooseServer(installs, 'postgres', major).version).toBe(version);
  });

  it('prefers the one with client tools, then the newest, among several of a major', () => {
    const several = [install('17.9'), install('17.12', { hasClientTools: false }), install('17.11')];
    expect(chooseServer(several, 'postgres', '17').version).toBe('17.11');
  });

  it('never takes an older one, and says what was found and what to install', () => {
    expect(() => chooseServer([install('15.18')], 'postgres', '17')).toThrowError(
      expect.objectContaining({
        code: 'tool-missing',
        message: 'no PostgreSQL 17 or newer on this host (found 15.18 in /usr/lib/postgresql/15/bin)',
        hint: expect.stringContaining('apt-get install postgresql-17'),
      }),
    );
    expect(() => chooseServer([], 'mysql', '9.7')).toThrow(
      'no MySQL 9.7 or newer on this host (no MySQL server found at all)',
    );
  });

  it('takes two numbers for a major version of MySQL and MariaDB', () => {
    const mariadb = ['10.6.1', '10.11.14', '11.8.3'].map((version) => install(version, { engine: 'mariadb' }));
    expect(chooseServer(mariadb, 'mariadb', '10.11').version).toBe('10.11.14');
    expect(chooseServer(mariadb, 'mariadb', '11.4').version).toBe('11.8.3');
  });

  it('says what is used, and that the backup is from an older version where it is', () => {
    expect(describeServer(install('17.11'), '17')).toBe('PostgreSQL 17.11 in /usr/lib/postgresql/17/bin');
    expect(describeServer(install('18.4', { from: 'from npm' }), '15')).toBe(
      'PostgreSQL 18.4 from npm (backup is from 15)',
    );
  });

  it('lists what is there by engine', () => {
    expect(
      listServers([
        install('15.18'),
        install('18.4', { from: 'from npm' }),
        install('11.8.3', { engine: 'mariadb', from: 'in /usr/sbin' }),
      ]),
    ).toBe('PostgreSQL 15.18 (/usr/lib/postgresql/15/bin), 18.4 (npm); MariaDB 11.8.3 (/usr/sbin)');
  });
});

describe('finding servers', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('finds one on the path behind a link, once, with what lies beside it', async () => {
    const binDir = await makeServer('postgresql@16/bin', 'postgres', 'postgres (PostgreSQL) 16.14 (Homebrew)');
    await writeFile(join(binDir, 'pg_restore'), '');
    const links = join(root, 'links');
    await mkdir(links);
    await symlink(join(binDir, 'postgres'), join(links, 'postgres'));
    const found = await findServers('postgres', [links, binDir, join(root, 'missing')].join(':'));
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
  });

  it("does not take MariaDB's mysqld for MySQL's", async () => {
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
    const found = await findServers('mysql', [maria, mysql].join(':'));
    expect(found.filter(({ binDir }) => binDir.startsWith(root)).map(({ version }) => version)).toEqual(['9.7.4']);
  });

  it('passes over a program that does not run here', async () => {
    const broken = await makeServer('broken', 'postgres', 'postgres (PostgreSQL) 17.1');
    await writeFile(join(broken, 'postgres'), 'no program');
    expect((await findServers('postgres', broken)).map(({ binDir }) => binDir)).not.toContain(broken);
  });

  async function makeServer(directory: string, name: string, version: string): Promise<string> {
    const binDir = join(root, directory);
    await mkdir(binDir, { recursive: true });
    await writeFile(join(binDir, name), `#!/bin/sh\necho '${version}'\n`);
    await chmod(join(binDir, name), 0o755);
    return binDir;
  }
});

function install(version: string, changes: Partial<ServerInstall> = {}): ServerInstall {
  const binDir = `/usr/lib/postgresql/${version.split('.')[0]}/bin`;
  return {
    engine: 'postgres',
    version,
    binDir,
    from: `in ${binDir}`,
    installRoots: [],
    libraryLinks: [],
    hasClientTools: true,
    ...changes,
  };
}
