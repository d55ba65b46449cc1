import { describe, expect, it } from 'vitest';
import {
  coordinatesHint,
  coordinatesInDump,
  coordinatesInMydumper,
} from '../../../../src/engines/mysql/log/start-coordinates.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('the coordinates of a dump', () => {
  const at = { file: 'mysql-bin.000012', position: 4711 };

  it.each([
    ["-- CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000012', MASTER_LOG_POS=4711;", 'CHANGE MASTER in the dump'],
    ["CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000012', MASTER_LOG_POS=4711;", 'CHANGE MASTER in the dump'],
    [
      "-- CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='mysql-bin.000012', SOURCE_LOG_POS=4711;",
      'CHANGE REPLICATION SOURCE in the dump',
    ],
    [
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST='db1', SOURCE_PORT=3306, SOURCE_LOG_FILE='mysql-bin.000012', SOURCE_LOG_POS=4711;",
      'CHANGE REPLICATION SOURCE in the dump',
    ],
    ["CHANGE MASTER 'main' TO MASTER_LOG_FILE='mysql-bin.000012', MASTER_LOG_POS=4711;", 'CHANGE MASTER in the dump'],
    [
      "-- CHANGE MASTER TO MASTER_USE_GTID=slave_pos;\n\n-- CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000012', MASTER_LOG_POS=4711;",
      'CHANGE MASTER in the dump',
    ],
  ])('are read from %s', (text, saidBy) => {
    expect(coordinatesInDump(`-- MySQL dump\n${text}\n\n-- Table structure`)).toEqual({ at, saidBy });
  });

  it('include the GTIDs that it states, on several lines', () => {
    const text = `SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '${UUID}:1-9,\n4e11fa47-71ca-11e1-9e33-c80aa9429562:1-7';\n`;
    expect(coordinatesInDump(text)).toEqual({
      gtids: `${UUID}:1-9,4e11fa47-71ca-11e1-9e33-c80aa9429562:1-7`,
      saidBy: 'the GTIDs in the dump',
    });
    expect(coordinatesInDump("SET GLOBAL gtid_slave_pos='0-7-9';")).toMatchObject({ gtids: '0-7-9' });
  });

  it('are missing in a dump that does not state them', () => {
    expect(coordinatesInDump('-- MySQL dump 10.13\n-- CHANGE MASTER TO MASTER_USE_GTID=slave_pos;\n')).toBeUndefined();
  });

  it.each([
    ['mysqldump 9.7.4', '--source-data=2'],
    ['mariadb-dump 11.8.9', '--master-data=2'],
    ['mydumper', 'REPLICATION CLIENT'],
  ])('are included by an option of %s', (tool, option) => expect(coordinatesHint(tool)).toContain(option));
});

describe('the coordinates in mydumper’s metadata', () => {
  it.each([
    [
      `Started dump at: 2026-11-27 03:00:00\nSHOW MASTER STATUS:\n\tLog: mysql-bin.000012\n\tPos: 4711\n\tGTID:${UUID}:1-9\n\nFinished dump at: 2026-11-27 03:00:01\n`,
      `${UUID}:1-9`,
    ],
    [
      'Started dump at: 2026-11-27 03:00:00\nSHOW MASTER STATUS:\n\tLog: mysql-bin.000012\n\tPos: 4711\n\tGTID:\n\nFinished dump at: 2026-11-27 03:00:01\n',
      undefined,
    ],
    [
      `# Started dump at: 2026-11-27 03:00:00\n[config]\nquote-character = BACKTICK\n\n[master]\n# Channel_Name = '' # It can be use to setup replication FOR CHANNEL\nFile = mysql-bin.000012\nPosition = 4711\nExecuted_Gtid_Set = ${UUID}:1-9\n\n[\`shop\`.\`orders\`]\nrows = 3\n# Finished dump at: 2026-11-27 03:00:01\n`,
      `${UUID}:1-9`,
    ],
    [
      `[source]\nFile = "mysql-bin.000012"\nPosition = 4711\nExecuted_Gtid_Set = "${UUID}:1-9,\n4e11fa47-71ca-11e1-9e33-c80aa9429562:1-7"\n\n[\`shop\`.\`orders\`]\nrows = 3\n`,
      `${UUID}:1-9,4e11fa47-71ca-11e1-9e33-c80aa9429562:1-7`,
    ],
    ['[master]\nFile = mysql-bin.000012\nPosition = 4711\nExecuted_Gtid_Set = 0-7-9\n', '0-7-9'],
  ])('are read from %j', (text, gtids) => {
    expect(coordinatesInMydumper(text)).toEqual({
      at: { file: 'mysql-bin.000012', position: 4711 },
      ...(gtids === undefined ? {} : { gtids }),
      saidBy: 'mydumper’s metadata',
    });
  });

  it.each([
    'Started dump at: 2026-11-27 03:00:00\nFinished dump at: 2026-11-27 03:00:01\n',
    'SHOW SLAVE STATUS:\n\tHost: db1\n\tLog: mysql-bin.000012\n\tPos: 4711\n',
    '[replication]\nsource_log_file = mysql-bin.000012\nsource_log_pos = 4711\n',
  ])('are not found in %j', (text) => expect(coordinatesInMydumper(text)).toBeUndefined());
});
