import { describe, expect, it } from 'vitest';
import { ALL_ENGINES, ENGINE_DESCRIPTORS } from '../../src/engines/registry.ts';
import { chooseServer, describeServer, listServers } from '../../src/sandbox/local/find-binaries.ts';
import type { ServerInstall } from '../../src/sandbox/local-binaries.ts';

describe('choosing a server for a backup', () => {
  const installs = [install('15.18'), install('18.4', { from: 'from npm', hasClientTools: false }), install('17.11')];

  it.each([
    ['15', '15.18'],
    ['17', '17.11'],
    ['18', '18.4'],
    ['16', '17.11'],
    ['9.6', '15.18'],
  ])('picks the same version or the nearest newer one for a backup from %s: %s', (major, version) => {
    expect(chooseServer(installs, ENGINE_DESCRIPTORS.postgres, { major }).version).toBe(version);
  });

  it('prefers the one with client tools, then the newest, within a major version', () => {
    const several = [install('17.9'), install('17.12', { hasClientTools: false }), install('17.11')];
    expect(chooseServer(several, ENGINE_DESCRIPTORS.postgres, { major: '17' }).version).toBe('17.11');
  });

  it('never picks an older one, and says what was found and what to install', () => {
    expect(() => chooseServer([install('15.18')], ENGINE_DESCRIPTORS.postgres, { major: '17' })).toThrowError(
      expect.objectContaining({
        code: 'tool-missing',
        message: 'no PostgreSQL 17 or newer on this host (found 15.18 in /usr/lib/postgresql/15/bin)',
        hint: expect.stringContaining('apt-get install postgresql-17'),
      }),
    );
    expect(() => chooseServer([], ENGINE_DESCRIPTORS.mysql, { major: '9.7' })).toThrow(
      'no MySQL 9.7 or newer on this host (no MySQL server found at all)',
    );
  });

  it('never picks a newer one for data files, which only their own major version can read', () => {
    const exact = (major: string) => chooseServer(installs, ENGINE_DESCRIPTORS.postgres, { major, match: 'exact' });
    expect(exact('17').version).toBe('17.11');
    expect(() => exact('16')).toThrow('no PostgreSQL 16 on this host (found 15.18');
  });

  it('treats two numbers as the major version of MySQL and MariaDB', () => {
    const mariadb = ['10.6.1', '10.11.14', '11.8.3'].map((version) => install(version, { engine: 'mariadb' }));
    expect(chooseServer(mariadb, ENGINE_DESCRIPTORS.mariadb, { major: '10.11' }).version).toBe('10.11.14');
    expect(chooseServer(mariadb, ENGINE_DESCRIPTORS.mariadb, { major: '11.4' }).version).toBe('11.8.3');
  });

  it('says which one is used, and if the backup is from an older version', () => {
    expect(describeServer(install('17.11'), ENGINE_DESCRIPTORS.postgres, '17')).toBe(
      'PostgreSQL 17.11 in /usr/lib/postgresql/17/bin',
    );
    expect(describeServer(install('18.4', { from: 'from npm' }), ENGINE_DESCRIPTORS.postgres, '15')).toBe(
      'PostgreSQL 18.4 from npm (backup is from 15)',
    );
  });

  it('lists what is installed by engine', () => {
    expect(
      listServers(
        [
          install('15.18'),
          install('18.4', { from: 'from npm' }),
          install('11.8.3', { engine: 'mariadb', from: 'in /usr/sbin' }),
        ],
        ALL_ENGINES,
      ),
    ).toBe('PostgreSQL 15.18 (/usr/lib/postgresql/15/bin), 18.4 (npm); MariaDB 11.8.3 (/usr/sbin)');
  });
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
