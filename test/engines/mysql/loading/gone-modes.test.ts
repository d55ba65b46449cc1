import { describe, expect, it } from 'vitest';
import { mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { currentModes, withoutGoneModes } from '../../../../src/engines/mysql/loading/gone-modes.ts';

const mysql8 = { flavor: mysqlFlavor, version: '8.4.3' };

describe('withoutGoneModes', () => {
  it.each([
    [
      "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */",
      "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */",
    ],
    ['SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE="NO_AUTO_CREATE_USER"', 'SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE=""'],
    ["set session sql_mode='oracle'", "set session sql_mode='PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE'"],
    [
      "SET sql_mode='PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ORACLE,NO_KEY_OPTIONS,NO_TABLE_OPTIONS,NO_FIELD_OPTIONS'",
      "SET sql_mode='PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE'",
    ],
    ["SET @@SESSION.sql_mode = 'MYSQL40'", "SET @@SESSION.sql_mode = 'HIGH_NOT_PRECEDENCE'"],
  ])('keeps the modes that still exist: %s', (written, kept) => {
    expect(withoutGoneModes(Buffer.from(written), mysql8)?.bytes.toString()).toBe(kept);
  });

  it.each([
    "SET sql_mode='STRICT_TRANS_TABLES,NO_ZERO_DATE'",
    "SET @name = 'NO_AUTO_CREATE_USER'",
    "INSERT INTO sql_mode VALUES ('NO_AUTO_CREATE_USER')",
    'SET sql_mode=@OLD_SQL_MODE',
    "SET sql_mode='NO_SUCH_MODE'",
  ])('leaves %s unchanged', (statement) => {
    expect(withoutGoneModes(Buffer.from(statement), mysql8)).toBeUndefined();
  });

  it('keeps all modes when the server supports them', () => {
    const modes = 'ORACLE,NO_AUTO_CREATE_USER';
    for (const product of [
      { flavor: mariadbFlavor, version: '11.8.6' },
      { flavor: mysqlFlavor, version: '5.7.44' },
    ])
      expect(currentModes(modes, product)).toEqual({ modes, gone: [] });
  });
});
