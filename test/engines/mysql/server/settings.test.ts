import { describe, expect, it } from 'vitest';
import { type Flavor, mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { type Phase, serverArguments } from '../../../../src/engines/mysql/server/settings.ts';

const sandbox = { paths: { data: '/data', run: '/run', scratch: '/scratch' } };
const tools = { server: '/mysqld', version: '9.7.0', major: '9.7', share: '/share', plugins: undefined };

function argumentsWith(
  settings: Record<string, string>,
  flavor: Flavor = mysqlFlavor,
  phase: Phase = 'load',
  durability: 'relaxed' | 'production' = 'relaxed',
): string[] {
  const sizing = { durability, memoryBytes: 2 ** 30, cpus: 2, settings };
  return serverArguments(sandbox, flavor, tools, phase, sizing);
}

it.each([
  [mysqlFlavor, '--loose-innodb-redo-log-capacity=128M'],
  [mariadbFlavor, '--innodb-log-file-size=128M'],
])('the redo log has a fixed size for a load, and the server’s own size for a backup', (flavor, size) => {
  for (const phase of ['load', 'serve'] as const) {
    expect(argumentsWith({}, flavor, phase)).toContain(size);
    expect(argumentsWith({}, flavor, phase, 'production').join(' ')).not.toMatch(/redo-log-capacity|log-file-size/);
  }
});

describe('settings chosen by a drill', () => {
  it.each([
    [mysqlFlavor, 'load'],
    [mysqlFlavor, 'serve'],
    [mariadbFlavor, 'load'],
    [mariadbFlavor, 'serve'],
  ] as const)('are applied in both phases, each only once', (flavor, phase) => {
    const argv = argumentsWith({ lower_case_table_names: '1', character_set_server: 'latin1' }, flavor, phase);
    expect(argv).toContain('--lower-case-table-names=1');
    expect(argv.filter((each) => each.startsWith('--character-set-server'))).toEqual(['--character-set-server=latin1']);
  });

  it('are not given to the server if only the replay of a log uses them', () => {
    expect(argumentsWith({ system_time_zone: 'Europe/Berlin' }).join(' ')).not.toMatch(/system.time.zone/);
  });

  it('do not stop a server that does not load the plug-in of a setting', () => {
    const argv = argumentsWith({ file_key_management_encryption_algorithm: 'aes_ctr' }, mariadbFlavor);
    expect(argv).toContain('--loose-file-key-management-encryption-algorithm=aes_ctr');
  });

  it.each([
    ['latin1_swedish_ci', 'latin1'],
    ['utf8mb4_0900_ai_ci', 'utf8mb4'],
    ['uca1400_ai_ci', 'utf8mb4'],
    ['binary', 'binary'],
  ])('select the character set of the collation %s', (collation, charset) => {
    const argv = argumentsWith({ collation_server: collation });
    expect(argv).toContain(`--collation-server=${collation}`);
    expect(argv).toContain(`--character-set-server=${charset}`);
  });
});
