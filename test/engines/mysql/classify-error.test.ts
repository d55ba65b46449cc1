import { describe, expect, it } from 'vitest';
import { classifyError } from '../../../src/engines/mysql/classify-error.ts';
import type { FindingKind } from '../../../src/engines/whose-fault.ts';

const error = (errno: number, message = ''): Error => Object.assign(new Error(message), { errno });

describe('what an error of MySQL or MariaDB means for a drill', () => {
  it.each<[FindingKind, number, string]>([
    ['drop-of-missing', 1051, 'DROP TABLE `gone`'],
    ['drop-of-missing', 1305, '/*!50003 DROP FUNCTION `dbl` */'],
    ['drop-of-missing', 4092, 'DROP VIEW `v`'],
    ['drop-of-missing', 1396, "DROP USER 'app'@'%'"],
    ['already-there', 1396, "CREATE USER 'root'@'localhost'"],
    ['already-there', 1007, 'CREATE DATABASE `shop`'],
    ['unknown-setting', 1193, '/*!80000 SET SESSION information_schema_stats_expiry=0 */'],
  ])('is %s for error %i of %s', (kind, errno, sql) => {
    expect(classifyError(error(errno), Buffer.from(sql))).toBe(kind);
  });

  it.each<[number, string]>([
    [1305, 'SELECT gone()'],
    [1051, 'ALTER TABLE `gone` ENGINE=InnoDB'],
    [1396, "ALTER USER 'app'@'%' IDENTIFIED BY 'x'"],
    [1193, 'SELECT @@gone'],
    [1064, 'mysqldump: Got errno 28 on write'],
    [1062, 'INSERT INTO `t` VALUES (1)'],
  ])('is refused for error %i of %s', (errno, sql) => {
    expect(classifyError(error(errno), Buffer.from(sql))).toBe('refused');
  });

  it('warns of a mode that newer servers lack, and refuses a mode that is no mode', () => {
    const set = Buffer.from("SET sql_mode='x'");
    const gone = error(1231, "Variable 'sql_mode' can't be set to the value of 'NO_AUTO_CREATE_USER'");
    const wrong = error(1231, "Variable 'sql_mode' can't be set to the value of 'x'");
    expect([classifyError(gone, set), classifyError(wrong, set)]).toEqual(['unknown-setting', 'refused']);
  });
});
