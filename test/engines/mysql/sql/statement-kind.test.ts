import { describe, expect, it } from 'vitest';
import { definersIn } from '../../../../src/engines/mysql/sql/sql-names.ts';
import { classify, classifyStatement } from '../../../../src/engines/mysql/sql/statement-kind.ts';

const table = (name: string, database?: string) => ({ database, table: name });

describe('the kind of a statement in a MySQL or MariaDB dump', () => {
  it.each([
    ['INSERT INTO `chi;ld` VALUES (1)', { kind: 'insert', table: table('chi;ld'), isPlain: true }],
    ["INSERT INTO parent VALUES\n(1,'a')", { kind: 'insert', table: table('parent'), isPlain: true }],
    ['INSERT INTO `a``b` (`x)`, `y`) VALUES (1,2)', { kind: 'insert', table: table('a`b'), isPlain: true }],
    ['INSERT INTO "a""b" VALUES (1)', { kind: 'insert', table: table('a"b'), isPlain: true }],
    ['insert into shop.`order`(id) values(1)', { kind: 'insert', table: table('order', 'shop'), isPlain: true }],
    ['INSERT IGNORE INTO t VALUES (1)', { kind: 'insert', table: table('t'), isPlain: false }],
    ['REPLACE INTO `s`.`t` VALUES (1)', { kind: 'insert', table: table('t', 's'), isPlain: false }],
    ['INSERT INTO t SELECT * FROM u', { kind: 'insert', table: table('t'), isPlain: false }],
    ['INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1', { kind: 'insert', isPlain: false }],
    ["/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */", { kind: 'setting' }],
    ['/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */', { kind: 'setting' }],
    ['SET @@SESSION.SQL_LOG_BIN= 0', { kind: 'setting' }],
    ["SET @a = 'autocommit=0'", { kind: 'setting' }],
    ['SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0', { kind: 'autocommit' }],
    ['set autocommit=0', { kind: 'autocommit' }],
    ["SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '37062052-e5b1-11f1-81c8-0242ac110004:1-63'", { kind: 'gtid' }],
    ["SET GLOBAL gtid_slave_pos='0-1-79'", { kind: 'gtid' }],
    ['SET GLOBAL event_scheduler = ON', { kind: 'globalSetting' }],
    ['SET PERSIST event_scheduler = ON', { kind: 'globalSetting' }],
    ["/*M!100005 SET DEFAULT ROLE NONE FOR 'app'@'%' */", { kind: 'account' }],
    ['SET ROLE mariadb_dump_import_role', { kind: 'account' }],
    ['USE `odd ``db`', { kind: 'use', database: 'odd `db' }],
    ['use shop', { kind: 'use', database: 'shop' }],
    ['LOCK TABLES `a` WRITE', { kind: 'lock' }],
    ['LOCK TABLES `chi;ld` WRITE, `a``b` READ LOCAL', { kind: 'lock' }],
    ['LOCK TABLES `chi;ld` WRITE /*!40000 ALTER TABLE `chi;ld` DISABLE KEYS */', { kind: 'ordinary' }],
    ['UNLOCK TABLES', { kind: 'unlock' }],
    ['LOCK TABLES `a` WRITE\nINSERT INTO `a` VALUES (1)', { kind: 'ordinary' }],
    ['/*!40000 ALTER TABLE `a` ENABLE KEYS */\nUNLOCK TABLES', { kind: 'definition' }],
    ['/*!40000 ALTER TABLE `chi;ld` DISABLE KEYS */', { kind: 'keys', table: table('chi;ld'), isEnabled: false }],
    ['/*!40000 ALTER TABLE `a`.`b` ENABLE KEYS */', { kind: 'keys', table: table('b', 'a'), isEnabled: true }],
    ['CREATE TABLE `t` (\n `a` int\n) ENGINE=InnoDB', { kind: 'createTable', table: table('t') }],
    ['CREATE TABLE IF NOT EXISTS `mysql`.`t` (a int)', { kind: 'createTable', table: table('t', 'mysql') }],
    ['DROP TABLE IF EXISTS `v`', { kind: 'dropTable', table: table('v') }],
    [
      'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `odd ``db` /*!40100 DEFAULT CHARACTER SET utf8mb4 */',
      { kind: 'createDatabase', database: 'odd `db' },
    ],
    ['CREATE SCHEMA shop', { kind: 'createDatabase', database: 'shop' }],
    ['/*!40000 DROP DATABASE IF EXISTS `shop`*/', { kind: 'dropDatabase', database: 'shop' }],
    ['/*!50001 CREATE VIEW `v` AS SELECT \n 1 AS `id`*/', { kind: 'view', view: table('v') }],
    [
      "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a b`@`10.%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 'a;b' */",
      { kind: 'view', view: table('v') },
    ],
    [
      "/*!50003 CREATE*/ /*!50017 DEFINER=`o'x`@`%`*/ /*!50003 TRIGGER `tr` BEFORE INSERT ON `parent` FOR EACH ROW BEGIN -- it's\n END */",
      { kind: 'trigger', trigger: table('tr'), table: table('parent') },
    ],
    ['CREATE TRIGGER d.tr AFTER DELETE ON d.t FOR EACH ROW SET @a=1', { kind: 'trigger', table: table('t', 'd') }],
    ['CREATE DEFINER=`root`@`localhost` FUNCTION `f`() RETURNS int RETURN 1', { kind: 'routine', name: table('f') }],
    ["CREATE DEFINER='a'@'%' PROCEDURE p(IN a int) BEGIN SELECT 1; END", { kind: 'routine', name: table('p') }],
    ['CREATE OR REPLACE DEFINER=r PACKAGE BODY b AS END', { kind: 'routine', name: table('b') }],
    [
      '/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`localhost`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1 */',
      { kind: 'event', name: table('e') },
    ],
    ["CREATE FUNCTION f RETURNS STRING SONAME 'x.so'", { kind: 'plugin' }],
    ["INSTALL SONAME 'ha_connect'", { kind: 'plugin' }],
    ["CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')", { kind: 'server' }],
    ["CHANGE MASTER TO MASTER_LOG_FILE='bin.000001'", { kind: 'replication' }],
    ['CHANGE REPLICATION SOURCE TO SOURCE_LOG_POS=1', { kind: 'replication' }],
    ['START SLAVE', { kind: 'replication' }],
    ['STOP ALL SLAVES', { kind: 'replication' }],
    ['START TRANSACTION', { kind: 'begin' }],
    ['BEGIN', { kind: 'begin' }],
    ['COMMIT', { kind: 'commit' }],
    ['FLUSH PRIVILEGES', { kind: 'flushPrivileges' }],
    ['/*! FLUSH PRIVILEGES */', { kind: 'flushPrivileges' }],
    ['GRANT ALL ON *.* TO `a`@`b`', { kind: 'account' }],
    ['CREATE USER IF NOT EXISTS `a`@`b`', { kind: 'account' }],
    ["/*!80001 ALTER USER 'a'@'b' DEFAULT ROLE NONE */", { kind: 'account' }],
    ["LOAD DATA LOCAL INFILE 'x' INTO TABLE t", { kind: 'loadData' }],
    ['CREATE SEQUENCE s START WITH 1', { kind: 'definition' }],
    ['/*!50001 DROP VIEW IF EXISTS `v`*/', { kind: 'definition' }],
    ['ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (b)', { kind: 'definition' }],
    ["SELECT COALESCE(CURRENT_ROLE(),'NONE') into @current_role", { kind: 'ordinary' }],
    ['DO SETVAL(`s`, 1, 0)', { kind: 'ordinary' }],
    ['SET STATEMENT max_statement_time=10 FOR DROP DATABASE shop', { kind: 'dropDatabase', database: 'shop' }],
    [
      "SET /* FOR */ STATEMENT sql_mode='FOR (', a=(1 + length('x' FOR 2)) FOR\nDROP TABLE a.b",
      { kind: 'dropTable', table: table('b', 'a') },
    ],
    ['set statement a=1 for set statement b=2 for TRUNCATE t', { kind: 'definition' }],
    ['SET STATEMENT a=1 FOR INSERT INTO t VALUES (1)', { kind: 'insert', isPlain: false }],
    ['SET STATEMENT a=1', { kind: 'ordinary' }],
    ["SET @a = 'STATEMENT FOR DROP DATABASE shop'", { kind: 'setting' }],
  ])('is recognised for %j', (text, kind) => {
    expect(classify(text)).toMatchObject(kind);
  });

  it('also depends on the end of an INSERT, however long it is', () => {
    const rows = "(1,'x'),".repeat(10_000);
    expect(classifyStatement(Buffer.from(`INSERT INTO t VALUES ${rows}(2,'y')`))).toMatchObject({ isPlain: true });
    expect(
      classifyStatement(Buffer.from(`INSERT INTO t VALUES ${rows}(2,'y') ON DUPLICATE KEY UPDATE a = a`)),
    ).toMatchObject({ isPlain: false });
  });

  it('keeps names unchanged, in UTF-8', () => {
    expect(classifyStatement(Buffer.from('USE `größe`'))).toEqual({ kind: 'use', database: 'größe' });
  });
});

describe('the accounts that objects run as', () => {
  it.each([
    [
      "/*!50003 CREATE*/ /*!50017 DEFINER=`o'x`@`%`*/ /*!50003 TRIGGER `tr` BEFORE INSERT ON t FOR EACH ROW SET @a=1 */",
      [{ user: "o'x", host: '%' }],
    ],
    [
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`app`@`10.%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */',
      [{ user: 'app', host: '10.%' }],
    ],
    ["CREATE DEFINER='a''b'@'::1' PROCEDURE p() SELECT 1", [{ user: "a'b", host: '::1' }]],
    ['CREATE DEFINER=root@localhost FUNCTION f() RETURNS int RETURN 1', [{ user: 'root', host: 'localhost' }]],
    ['CREATE DEFINER=app@10.0.0.1 EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1', [{ user: 'app', host: '10.0.0.1' }]],
    ['CREATE DEFINER=`some role` VIEW v AS SELECT 1', [{ user: 'some role', host: '' }]],
    ['CREATE DEFINER=CURRENT_USER() VIEW v AS SELECT 1', []],
    ["CREATE VIEW v AS SELECT 'DEFINER=`x`@`y`'", []],
    ['CREATE PROCEDURE p() BEGIN CREATE DEFINER=`x`@`y` VIEW v AS SELECT 1; END', []],
    ["INSERT INTO t VALUES ('CREATE DEFINER=`x`@`y` VIEW')", []],
  ])('are found in %s', (text, accounts) => {
    expect(definersIn(text)).toEqual(accounts);
  });
});
