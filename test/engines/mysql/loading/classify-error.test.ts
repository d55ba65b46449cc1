import { describe, expect, it } from 'vitest';
import { classifyError } from '../../../../src/engines/mysql/loading/classify-error.ts';
import { createdAccountIn, newAccountIn } from '../../../../src/engines/mysql/sql/sql-names.ts';
import type { FindingKind } from '../../../../src/engines/whose-fault.ts';

const error = (errno: number, message = ''): Error => Object.assign(new Error(message), { errno });

describe('an error of MySQL or MariaDB', () => {
  it.each<[FindingKind, number, string]>([
    ['drop-of-missing', 1051, 'DROP TABLE `gone`'],
    ['drop-of-missing', 1305, '/*!50003 DROP FUNCTION `dbl` */'],
    ['drop-of-missing', 4092, 'DROP VIEW `v`'],
    ['drop-of-missing', 1396, "DROP USER 'app'@'%'"],
    ['drop-of-own', 3552, '/*!40000 DROP DATABASE IF EXISTS `mysql`*/'],
    ['already-there', 1396, "CREATE USER 'root'@'localhost'"],
    ['already-there', 1007, 'CREATE DATABASE `shop`'],
    ['unknown-setting', 1193, '/*!80000 SET SESSION information_schema_stats_expiry=0 */'],
  ])('is %s for error %i of %s', (kind, errno, sql) => {
    expect(classifyError(error(errno), Buffer.from(sql)).kind).toBe(kind);
  });

  it.each<[number, string]>([
    [1305, 'SELECT gone()'],
    [1051, 'ALTER TABLE `gone` ENGINE=InnoDB'],
    [1396, "ALTER USER 'app'@'%' IDENTIFIED BY 'x'"],
    [1193, 'SELECT @@gone'],
    [1064, 'mysqldump: Got errno 28 on write'],
    [1062, 'INSERT INTO `t` VALUES (1)'],
  ])('is refused for error %i of %s', (errno, sql) => {
    expect(classifyError(error(errno), Buffer.from(sql)).kind).toBe('refused');
  });

  it('is a warning for a mode that newer servers lack, and refused for an unknown mode', () => {
    const set = Buffer.from("SET sql_mode='x'");
    const gone = error(1231, "Variable 'sql_mode' can't be set to the value of 'NO_AUTO_CREATE_USER'");
    const wrong = error(1231, "Variable 'sql_mode' can't be set to the value of 'x'");
    expect([classifyError(gone, set).kind, classifyError(wrong, set).kind]).toEqual(['unknown-setting', 'refused']);
  });

  const wrongOptions = 'Can\'t create table `a`.`b` (errno: 140 "Wrong create options")';
  it.each<[FindingKind, number, string, string]>([
    [
      'keyring-missing',
      3185,
      "Can't find master key from keyring",
      "CREATE TABLE a (id INT) /*!80016 ENCRYPTION='Y' */",
    ],
    ['keyring-missing', 1005, wrongOptions, 'CREATE TABLE a (id INT) `encrypted`=yes `encryption_key_id`=1'],
    ['keyring-missing', 1911, "Unknown option 'ENCRYPTED'", 'CREATE TABLE a (id INT) ENGINE=Aria ENCRYPTED=yes'],
    ['setting-needed', 1005, wrongOptions, 'CREATE TABLE a (id INT) KEY_BLOCK_SIZE=64'],
    ['refused', 1005, wrongOptions, "CREATE TABLE a (id INT) COMMENT='x'"],
    [
      'setting-needed',
      1031,
      "Table storage engine for 'j' doesn't have this option",
      'CREATE TABLE j (a INT) ROW_FORMAT=FIXED',
    ],
    ['setting-needed', 1118, 'Row size too large (> 8126)', 'CREATE TABLE j (a INT)'],
    [
      'directory-missing',
      3121,
      'The DATA DIRECTORY location must be in a known directory.',
      "CREATE TABLE b (i INT) DATA DIRECTORY='/x'",
    ],
    [
      'directory-missing',
      3510,
      "Tablespace ts1 doesn't exist.",
      'CREATE TABLE d (id INT) /*!50100 TABLESPACE `ts1` */',
    ],
    [
      'plugin-missing',
      1128,
      "Function 'mecab' is not defined",
      'CREATE TABLE c (t TEXT, FULLTEXT KEY f (t) WITH PARSER `mecab`)',
    ],
    ['plugin-missing', 4161, "Unknown data type: 'uuid'", 'CREATE TABLE k (a uuid)'],
    ['refused', 4161, "Unknown data type: 'ixt'", 'CREATE TABLE k (a ixt)'],
    ['storage-engine-missing', 1286, "Unknown storage engine 'ROCKSDB'", 'CREATE TABLE f (id INT) ENGINE=ROCKSDB'],
    [
      'storage-engine-missing',
      1911,
      "Unknown option 'TABLE_TYPE'",
      'CREATE TABLE f (id INT) ENGINE=CONNECT TABLE_TYPE=CSV',
    ],
    ['refused', 1286, "Unknown storage engine 'InnoCB'", 'CREATE TABLE f (id INT) ENGINE=InnoCB'],
    ['collation-missing', 1273, "Unknown collation: 'utf8mb4_uca1400_ai_ci'", 'CREATE TABLE g (id INT)'],
    ['collation-missing', 1273, "Unknown collation: 'utf8mb4_0900_ai_ci'", 'CREATE TABLE g (id INT)'],
    ['collation-missing', 1273, "Unknown collation: 'utf8mb4_ja_0900_as_cs_ks'", 'CREATE TABLE g (id INT)'],
    ['collation-missing', 1273, "Unknown collation: 'latin1_swedish_nopad_ci'", 'CREATE TABLE g (id INT)'],
    ['refused', 1273, "Unknown collation: 'utf8mb4_gexeral_ci'", 'CREATE TABLE g (id INT)'],
    ['encoding-missing', 1115, "Unknown character set: 'utf8mb3'", 'SET NAMES utf8mb3'],
    ['refused', 1115, "Unknown character set: 'utf8mc4'", 'SET NAMES utf8mc4'],
    ['library-missing', 1298, "Unknown or incorrect time zone: 'Europe/Berlin'", "SET time_zone='Europe/Berlin'"],
    ['refused', 1298, "Unknown or incorrect time zone: 'Nope/Zone'", "SET time_zone='Nope/Zone'"],
    ['library-missing', 1305, 'FUNCTION shop.MD5 does not exist', "INSERT INTO t VALUES (MD5('a'))"],
    ['login-plugin-missing', 1524, "Plugin 'pam' is not loaded", "CREATE USER 'x'@'%' IDENTIFIED VIA pam"],
    ['refused', 1524, "Plugin 'x' is not loaded", 'UNINSTALL PLUGIN x'],
  ])('distinguishes a wrong image from damage: %s for %i %s', (kind, errno, message, sql) => {
    expect(classifyError(error(errno, message), Buffer.from(sql)).kind).toBe(kind);
  });

  it('finds a table’s options after a long list of columns', () => {
    const columns = Array.from({ length: 500 }, (_, index) => `c${index} VARCHAR(10)`).join(', ');
    const sql = `CREATE TABLE a (${columns}) ENGINE=InnoDB \`encrypted\`=yes`;
    expect(classifyError(error(1005, wrongOptions), Buffer.from(sql)).kind).toBe('keyring-missing');
  });

  it.each([
    ["CREATE USER 'app'@'%' IDENTIFIED WITH 'x'", { user: 'app', host: '%' }],
    ['/*M!100103 CREATE USER IF NOT EXISTS `a``b`@`10.%` IDENTIFIED VIA pam */', { user: 'a`b', host: '10.%' }],
    ['CREATE USER app', { user: 'app', host: '%' }],
    ['GRANT SELECT ON *.* TO app', undefined],
  ])('reads the account from %s', (sql, account) => {
    expect(createdAccountIn(sql)).toEqual(account);
  });
});

describe('newAccountIn', () => {
  it.each([
    ["CREATE USER `app`@`%` IDENTIFIED BY PASSWORD '*x'", { user: 'app', host: '%' }],
    ["CREATE USER IF NOT EXISTS 'app'@'10.%'", { user: 'app', host: '10.%' }],
    ['/*M!100005 CREATE OR REPLACE USER app@localhost */', { user: 'app', host: 'localhost' }],
    ["GRANT USAGE ON *.* TO 'app'@'%' IDENTIFIED BY PASSWORD '*x'", { user: 'app', host: '%' }],
    ["GRANT SELECT ON `shop`.* TO 'app'@'%'", undefined],
    ["ALTER USER 'app'@'%' IDENTIFIED BY 'x'", undefined],
    ["GRANT PROXY ON ''@'%' TO 'app'@'%'", undefined],
  ])('finds the account that a dump creates: %s', (sql, account) => {
    expect(newAccountIn(sql)).toEqual(account);
  });
});
