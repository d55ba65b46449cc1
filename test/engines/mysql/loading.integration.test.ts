import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadOptions } from '../../../src/engines/engine.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { bytesContent, directoryContent } from '../../support/fake-content.ts';
import { hasHostMariadb } from '../../support/host-mariadb.ts';
import { NEW_DIRECTORY } from './formats/mydumper/mydumper-directory.ts';
import { LogBuilder } from './log/log-builder.ts';
import { type Restored, restoreInto, startSandbox } from './restoring.ts';

if (!hasHostMariadb) process.stderr.write('\nSKIPPED: no MariaDB server here, so nothing is loaded on the host.\n\n');

const target = { runtime: 'local', server: 'mariadb:10.11' } as const;
const HEAD = `-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)
-- Host: localhost    Database: shop
-- Server version\t10.11.18-MariaDB
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
`;
const TAIL = '\n-- Dump completed on 2026-11-20  3:00:00\n';

const rejected = (what: Promise<unknown>): Promise<{ code: string; message: string }> =>
  what.then(
    () => ({ code: 'none', message: 'it went well' }),
    (error: { code: string; message: string }) => error,
  );

describe.skipIf(!hasHostMariadb)('a dump on the host’s own MariaDB', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox(target);
  });
  afterEach(() => sandbox.dispose());

  const restore = (sql: string, options: Partial<LoadOptions> = {}): Promise<Restored> =>
    restoreInto(sandbox, target, bytesContent(Buffer.from(sql), 'shop.sql'), options);

  it('never starts events or outgoing connections, and reports each kind of skipped statement once', async () => {
    const sql = `${HEAD}CREATE TABLE t (id INT); INSERT INTO t VALUES (0);
      CHANGE MASTER TO MASTER_HOST='10.0.0.1', MASTER_LOG_FILE='bin.1', MASTER_LOG_POS=4; START SLAVE; STOP SLAVE;
      SET GLOBAL gtid_slave_pos='0-1-2'; SET GLOBAL event_scheduler=ON; SET @@GLOBAL.general_log = 1;
      INSTALL PLUGIN unix_socket SONAME 'auth_socket.so'; CREATE SERVER away FOREIGN DATA WRAPPER mysql OPTIONS (HOST '10.0.0.1', DATABASE 'x', USER 'x');
      CREATE DEFINER=app@'%' VIEW v AS SELECT id FROM t; CREATE USER app@'%' IDENTIFIED BY PASSWORD '*81F5E21E35407D884A6CD4A731AEBFB6AF209E1B'; GRANT SELECT ON t TO app@'%';
      CREATE EVENT tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO t VALUES (1);${TAIL}`;
    await using restored = await restore(sql);
    expect(restored.outcome).toMatchObject({ database: 'shop', errorCount: 0 });
    expect(restored.outcome.stated?.atLatest).toEqual(new Date('2026-11-20T15:00:00Z'));
    expect(restored.outcome.warnings.map((warning) => warning.replace(/^line \d+: /, '').split(':')[0])).toEqual([
      'replication is left out',
      'positions of replication (GTIDs) are left out',
      'settings of the whole server are left out',
      'servers that federated tables point to are left out',
    ]);
    expect(await restored.ask('SELECT @@event_scheduler, @@general_log')).toEqual(['OFF\t0']);
    expect(await restored.ask('SELECT COUNT(*) FROM mysql.event')).toEqual(['1']);
    // the view is created before the account that it runs as, which ends up as the dump defines it
    expect(await restored.ask("SHOW GRANTS FOR app@'%'")).toEqual([
      expect.stringMatching(/^GRANT USAGE ON \*\.\* .*'\*81F5E21E35407D884A6CD4A731AEBFB6AF209E1B'$/),
      'GRANT SELECT ON `shop`.`t` TO `app`@`%`',
    ]);
    expect((await restored.check("SELECT COUNT(*) FROM mysql.user WHERE User = 'app'")).rows).toEqual([[1n]]);
  });

  it('fails when a statement in the dump ends its own session, as it would for any client', async () => {
    expect(await rejected(restore(`${HEAD}CREATE TABLE t (id INT);KILL CONNECTION_ID();${TAIL}`))).toMatchObject({
      code: 'restore-failed',
      message: expect.stringMatching(/^a statement in the dump ended the session that loads it/),
    });
  });

  it('is not continued by a log when it is two dumps, taken at different positions', async () => {
    const log = new LogBuilder({ version: '10.11.18-MariaDB-log' }).event(163, Buffer.alloc(4));
    const first = log.position;
    const second = log.gtid(1, { flags: 1 }).query('CREATE TABLE u (id INT)').position;
    const { bytes } = log.stop();
    const archive = {
      description: '/logs/',
      files: [{ key: 'bin.000001', sizeBytes: bytes.length }],
      read: async () => bytes,
      stream: async () => Readable.from([bytes]),
    };
    const dump = (position: number) =>
      `${HEAD}-- CHANGE MASTER TO MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=${position};\nCREATE TABLE t${position} (id INT);${TAIL}`;
    const content = bytesContent(Buffer.from(dump(first) + dump(second)), 'shop.sql');
    const recovery = { target: { kind: 'latest' }, log: archive } as const;
    expect(await rejected(restoreInto(sandbox, target, content, { recovery }))).toMatchObject({
      code: 'log-start-unknown',
      message: `the dump states 2 different positions in the log: bin.000001:${first}, bin.000001:${second}`,
    });
  });

  it('fails when a routine in the dump turned on the event scheduler', async () => {
    const sql = `${HEAD}EXECUTE IMMEDIATE 'SET GLOBAL event_scheduler = ON';${TAIL}`;
    expect(await rejected(restore(sql))).toMatchObject({
      code: 'restore-failed',
      message: expect.stringContaining('turned the event scheduler on'),
    });
  });

  it('reports values that were changed on load', async () => {
    const sql = `${HEAD}CREATE TABLE t (id TINYINT, day DATE, name VARCHAR(3)) DATA DIRECTORY='/srv' \`ENCRYPTION_KEY_ID\`=2;
INSERT INTO t VALUES (1,'2026-01-01','abc'),(300,'2026-02-31','secret');
INSERT INTO t VALUES (2,'2026-01-02','x');${TAIL}`;
    await using restored = await restore(sql);
    expect(restored.outcome.errors).toEqual([
      expect.stringMatching(
        /^line 8: ERROR 1264: a value was changed: Out of range value for column 'id' at row 2 \(INSERT INTO t/,
      ),
    ]);
    expect(restored.outcome.warnings).toEqual([
      expect.stringMatching(/^tables with ENCRYPTION_KEY_ID and without ENCRYPTED are stored unencrypted here/),
      expect.stringMatching(/^line 7: <DATA DIRECTORY> option ignored: the table is in the data directory/),
    ]);
    expect(await restored.ask('SELECT COUNT(*) FROM shop.t')).toEqual(['3']);
  });

  it('blames the image for a missing storage engine or plug-in, unless the drill ignores the error', async () => {
    const table = `${HEAD}CREATE TABLE t (id INT) ENGINE=RocksDB; INSERT INTO t VALUES (1);${TAIL}`;
    expect(await rejected(restore(table))).toMatchObject({
      code: 'image-incomplete',
      message: expect.stringMatching(/^line 7: the storage engine RocksDB is not available, .* with another/),
    });
    await sandbox.dispose();
    sandbox = await startSandbox(target);
    const plugin = `${HEAD}INSTALL PLUGIN audit SONAME 'audit_elsewhere.so'; CREATE TABLE t (id INT) ENGINE=RocksDB; INSERT INTO t VALUES (1);${TAIL}`;
    await using restored = await restore(plugin, {
      ignoreErrors: [/lacks the plug-in audit/, /storage engine RocksDB\b/],
    });
    expect(restored.outcome).toMatchObject({ errorCount: 0, ignoredCount: 2, warnings: [] });
  });

  it('fails when the server does not restart on the restored data', async () => {
    const sql = `${HEAD}CREATE TABLE t (id INT); DROP TABLE mysql.db;${TAIL}`;
    expect(await rejected(restore(sql))).toMatchObject({
      code: 'restore-failed',
      message: expect.stringMatching(
        /does not start again on what the dump restored.*Table 'mysql\.db' doesn't exist$/,
      ),
    });
  });

  it('runs in order and in one session when the dump depends on it', async () => {
    const sql = `USE_DB
      CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(9)) ENGINE=InnoDB;
      CREATE TABLE child (id INT PRIMARY KEY AUTO_INCREMENT, parent INT, FOREIGN KEY (parent) REFERENCES parent (id)) ENGINE=InnoDB;
      INSERT INTO parent (name) VALUES ('a'); INSERT INTO parent (name) VALUES ('b'); SET @b = LAST_INSERT_ID();
      INSERT INTO child (parent) VALUES (@b); INSERT INTO child (parent) VALUES (99);
      START TRANSACTION; INSERT INTO parent (name) VALUES ('lost'); ROLLBACK;
      START TRANSACTION; INSERT INTO parent (name) VALUES ('kept'); COMMIT;
      CREATE TRIGGER t AFTER INSERT ON parent FOR EACH ROW INSERT INTO child (parent) VALUES (NEW.id);
      INSERT INTO parent (name) VALUES ('late');`.replace('USE_DB', 'CREATE DATABASE own; USE own;');
    await using restored = await restore(sql, { jobs: 4 });
    expect(restored.outcome).toMatchObject({ database: 'own', errorCount: 1 });
    expect(restored.outcome.errors[0]).toMatch(/^line 5: ERROR 1452 \(23000\): Cannot add or update a child row/);
    expect(await restored.ask('SELECT GROUP_CONCAT(name ORDER BY id) FROM own.parent')).toEqual(['a,b,kept,late']);
    expect(
      await restored.ask('SELECT p.name FROM own.child c JOIN own.parent p ON p.id = c.parent ORDER BY c.id'),
    ).toEqual(['b', 'late']);
  });

  it('applies every setting of the dump to each session', async () => {
    const tables = Array.from({ length: 150 }, (_, n) => [
      `/*!40101 SET @saved_cs_client = @@character_set_client */;\n/*!50503 SET character_set_client = latin1 */;`,
      `CREATE TABLE t${n} (id INT PRIMARY KEY, name VARCHAR(9)) CHARACTER SET utf8mb4;`,
      ...Array.from({ length: 4 }, (_, row) => `INSERT INTO t${n} VALUES (${row},'\u00c3\u00a4');`),
      '/*!40101 SET character_set_client = @saved_cs_client */;',
      `INSERT INTO t${n} VALUES (9,'\u00e4');`,
    ]);
    await using restored = await restore(`${HEAD}${tables.flat().join('\n')}${TAIL}`, { jobs: 3 });
    expect(restored.outcome.errors).toEqual([]);
    const all = Array.from({ length: 150 }, (_, n) => `SELECT id, name FROM shop.t${n}`).join(' UNION ALL ');
    // the two bytes of ä in UTF-8 are two characters in Latin-1
    expect(await restored.ask(`SELECT HEX(name), COUNT(*) FROM (${all}) x GROUP BY name ORDER BY 2`)).toEqual([
      'C3A4\t150',
      'C383C692C382C2A4\t600',
    ]);
  });

  it.each([
    ['USE nowhere;', undefined, /^restore-failed: line \d+: the dump uses database nowhere, which does not exist$/],
    ['CREATE DATABASE own; USE own;', 'orders', /^restore-failed: the dump holds no database orders; it holds own$/],
  ])(
    'that switches to %s is distinguished from the database that the drill names (%s)',
    async (sql, database, message) => {
      const { code, message: said } = await rejected(
        restore(`${HEAD}${sql}${TAIL}`, database === undefined ? {} : { database }),
      );
      expect(`${code}: ${said}`).toMatch(message);
    },
  );

  it('of mydumper is restored completely: rows before triggers can change them, and views after the routines that they call', async () => {
    await using restored = await restoreInto(sandbox, target, directoryContent(NEW_DIRECTORY));
    expect(restored.outcome).toMatchObject({
      database: 'shop',
      errors: [],
      warnings: [expect.stringMatching(/^owner@10\.%: an account that views and routines run as/)],
    });
    expect(await restored.ask("SELECT id, IFNULL(day, '-'), IFNULL(note, '-') FROM shop.orders ORDER BY id")).toEqual([
      '0\t2026-02-31\ta; b\n"c"',
      '1\t-\t-',
      '7\t0000-00-00\tö',
    ]);
    expect((await restored.check('SELECT id FROM newest')).rows.flat().map(String)).toEqual(['14']);
    expect(
      await restored.ask("SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'"),
    ).toEqual(['noted']);
  });

  it('of mydumper fails when one of its files is truncated', async () => {
    const cut = { ...NEW_DIRECTORY, 'shop.orders.00000.sql': 'INSERT INTO `orders` VALUES(0,NULL,NULL)\n,(1,NULL,' };
    expect(await rejected(restoreInto(sandbox, target, directoryContent(cut)))).toMatchObject({
      code: 'backup-truncated',
      message: expect.stringMatching(
        /^nightly\/shop\.orders\.00000\.sql ends in the middle of the statement of line 1$/,
      ),
    });
  });

  it('of mydumper fails when its metadata asks for an SQL mode that no server has', async () => {
    const metadata = NEW_DIRECTORY['metadata']?.replace(/SQL_MODE='[^']*'/, "SQL_MODE='NO_SUCH_MODE'") ?? '';
    const directory = directoryContent({ ...NEW_DIRECTORY, metadata });
    expect(await rejected(restoreInto(sandbox, target, directory))).toMatchObject({
      code: 'restore-failed',
      message: expect.stringContaining('NO_SUCH_MODE'),
    });
  });
});
