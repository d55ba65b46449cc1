import { describe, expect, it } from 'vitest';
import { mariadbFlavor } from '../../../../src/engines/mysql/flavor.ts';
import type { LoggedSettings } from '../../../../src/engines/mysql/log/logged-query.ts';
import { ReplaySettings } from '../../../../src/engines/mysql/log/replay-settings.ts';
import type { Session } from '../../../../src/engines/mysql/server/connect.ts';
import type { MysqlServer } from '../../../../src/engines/mysql/server/mysql-server.ts';

/** What is set on the session for a statement, and how often its zone was unknown. */
async function apply(
  logged: LoggedSettings,
  { log = '11.8.9-MariaDB', server = '11.8.9', settings = {} },
): Promise<{ readonly set: string; readonly unknownZones: number }> {
  const sent: string[] = [];
  let unknownZones = 0;
  const session = { execute: async (sql: string) => void sent.push(sql) } as unknown as Session;
  const on = { flavor: mariadbFlavor, version: server, options: { settings } } as unknown as MysqlServer;
  const replaying = new ReplaySettings(on, session, () => {
    unknownZones += 1;
  });
  replaying.describe({ body: Buffer.from(`\x04\0${log.padEnd(50, '\0')}`, 'latin1') });
  const query = { threadId: 1, errorCode: 0, database: 'shop', sql: Buffer.from('SELECT 1'), settings: logged };
  await replaying.apply(query, { timestamp: 0, flags: 0 });
  return { set: sent.join('\n'), unknownZones };
}

describe('the switches that MariaDB logs', () => {
  it.each([
    ['11.8.9', '11.8.9', ['sql_if_exists', 'explicit_defaults_for_timestamp', 'system_versioning_insert_history']],
    ['10.6.9', '10.11.19', ['sql_if_exists', 'explicit_defaults_for_timestamp']],
    ['10.6.8', '10.11.19', ['sql_if_exists']],
    ['10.11.19', '10.5.29', ['sql_if_exists', 'explicit_defaults_for_timestamp']],
    ['10.5.1', '10.11.19', []],
  ])('are set as in a log of %s, on a server of %s: %j', async (log, server, names) => {
    const { set } = await apply({ flags: 0 }, { log: `${log}-MariaDB-log`, server });
    const all = ['sql_if_exists', 'explicit_defaults_for_timestamp', 'system_versioning_insert_history'];
    expect(all.filter((name) => set.includes(`@@session.${name}=0`))).toEqual(names);
  });
});

describe('the time zone of a logged statement', () => {
  it('is the one that the log names', async () => {
    const { set, unknownZones } = await apply({ timeZone: '+05:30' }, {});
    expect(set).toContain("@@session.time_zone='+05:30'");
    expect(unknownZones).toBe(0);
  });

  it('is the one that the drill names for the system of the server, or else unknown', async () => {
    const berlin = await apply({ timeZone: 'SYSTEM' }, { settings: { system_time_zone: 'Europe/Berlin' } });
    expect(berlin).toEqual({ set: expect.stringContaining("@@session.time_zone='Europe/Berlin'"), unknownZones: 0 });
    const unknown = await apply({ timeZone: 'SYSTEM' }, {});
    expect(unknown).toEqual({ set: expect.stringContaining("@@session.time_zone='+00:00'"), unknownZones: 1 });
  });
});
