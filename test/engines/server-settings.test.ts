import { describe, expect, it } from 'vitest';
import { ENGINE_DESCRIPTORS } from '../../src/engines/registry.ts';
import { allowedSettings, explainSetting } from '../../src/engines/server-settings.ts';

describe('server settings that a drill may set', () => {
  it.each([
    ['mysql', 'lower_case_table_names', '1'],
    ['mariadb', 'innodb_strict_mode', 'OFF'],
    ['mysql', 'system_time_zone', 'America/Argentina/Buenos_Aires'],
    ['postgres', 'max_locks_per_transaction', '512'],
  ] as const)('accepts for %s %s=%s', (engine, name, value) => {
    expect(explainSetting(ENGINE_DESCRIPTORS[engine], name, value)).toBeUndefined();
  });

  it.each([
    ['mysql', 'lower_case_table_names', '7'],
    ['mariadb', 'system_time_zone', "UTC', sql_mode='"],
    ['mysql', 'collation_server', 'utf8mb4_bin --init-file=/etc/passwd'],
    ['postgres', 'max_worker_processes', '-1'],
  ] as const)('refuses for %s the value in %s=%s', (engine, name, value) => {
    expect(explainSetting(ENGINE_DESCRIPTORS[engine], name, value)).toMatch(/^must be /);
  });

  it.each([
    ['postgres', 'archive_command'],
    ['postgres', 'shared_preload_libraries'],
    ['mysql', 'event_scheduler'],
    ['mariadb', 'init_file'],
    ['mariadb', 'toString'],
  ] as const)('refuses for %s the setting %s', (engine, name) => {
    expect(explainSetting(ENGINE_DESCRIPTORS[engine], name, 'on')).toMatch(/not a setting that a drill may change/);
    expect(allowedSettings(ENGINE_DESCRIPTORS[engine])).not.toContain(name);
  });
});
