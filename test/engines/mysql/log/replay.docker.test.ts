import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { openDirectorySource } from '../../../../src/backup/drivers/directory/directory-source.ts';
import { NO_KEYS } from '../../../../src/backup/layer.ts';
import { openLogArchive } from '../../../../src/backup/reading/open-log-archive.ts';
import type { LogArchive, RecoveryTarget } from '../../../../src/engines/format.ts';
import { planReplay } from '../../../../src/engines/mysql/log/plan-replay.ts';
import { coordinatesInDump, type LogCoordinates } from '../../../../src/engines/mysql/log/start-coordinates.ts';
import { shareSandboxes } from '../../../support/clear-sandbox.ts';
import { describeDatabase } from '../fingerprint.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  type Restored,
  restoreInto,
  startSandbox,
  startSource,
} from '../restoring.ts';
import { type LoggingServer, startLogging } from './logging-server.ts';

const SCHEMA = `
SET SESSION sql_log_bin = 0; CREATE USER ghost; GRANT ALL ON *.* TO ghost; SET SESSION sql_log_bin = 1;
CREATE DATABASE other; CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4; USE shop;
CREATE TABLE customer (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50), seen TIMESTAMP(6) NULL);
CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, total DECIMAL(12,3), code CHAR(36), note TEXT,
  twice DECIMAL(13,3) AS (total * 2) STORED, FOREIGN KEY (customer) REFERENCES customer (id));
CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100));
CREATE TABLE big (id INT AUTO_INCREMENT PRIMARY KEY, filling VARCHAR(500));
CREATE TRIGGER on_order AFTER INSERT ON orders FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('order ', NEW.id));
CREATE TABLE other.t (id INT PRIMARY KEY, n INT);
INSERT INTO customer (name) VALUES ('a'), ('b'), ('c');
INSERT INTO orders (customer, total, code) VALUES (1, 10, UUID()), (2, 20.5, UUID());
INSERT INTO other.t VALUES (1, 0);
`;
/** Changes for the log of a shop, run in each log format. */
const CHANGES = `
SET NAMES utf8mb4; USE shop;
INSERT INTO customer (name, seen) VALUES ('zoë \\\\ ''q''', NOW(6)), (NULL, NULL);
SET @who = LAST_INSERT_ID(), @price = 12.345, @text = 'ünï';
INSERT INTO orders (customer, total, note) VALUES (@who, @price, @text), (LAST_INSERT_ID(), RAND() * 100, NULL);
UPDATE orders SET total = total + 1 WHERE id < 3;
SET SESSION time_zone = '+05:30';
INSERT INTO customer (name, seen) VALUES ('east', '2026-06-01 12:00:00'), ('now', NOW());
SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');
INSERT INTO "customer" (name) VALUES ('quoted');
SET NAMES latin1; INSERT INTO customer (name) VALUES (_latin1 x'fc'); SET NAMES utf8mb4;
BEGIN; DELETE FROM orders WHERE id = 2; SAVEPOINT a; DELETE FROM orders; ROLLBACK TO a; UPDATE other.t SET n = n + 1; COMMIT;
SET SESSION foreign_key_checks = 0; INSERT INTO orders (customer, total) VALUES (999, 1); SET SESSION foreign_key_checks = 1;
INSERT INTO big (filling) SELECT REPEAT('x', 400) FROM information_schema.COLLATIONS LIMIT 200;
INSERT INTO big (filling) SELECT filling FROM big; INSERT INTO big (filling) SELECT filling FROM big;
CREATE TEMPORARY TABLE scratch (n INT); CREATE TEMPORARY TABLE other.scratch (n INT);
DROP TEMPORARY TABLE other.scratch, scratch;
LOAD DATA LOCAL INFILE 'rows.csv' INTO TABLE orders FIELDS TERMINATED BY ',' (customer, total, @note) SET note = CONCAT(@note, ' ', NOW(6));
LOAD DATA LOCAL INFILE 'rows.csv' REPLACE INTO TABLE other.t FIELDS TERMINATED BY ',' (id, n, @x);
LOAD DATA LOCAL INFILE 'rows.csv' INTO TABLE big LINES TERMINATED BY 'no such end' (@all) SET filling = LEFT(@all, 400);
CREATE VIEW other.one AS SELECT 1 AS a; CREATE VIEW two AS SELECT 2 AS b; DROP VIEW other.one, two;
INSERT INTO other.t SELECT MAX(id) + 100, 0 FROM other.t;
`;
const DEFINITIONS = `
USE shop;
ALTER TABLE customer ADD COLUMN mail VARCHAR(80) NOT NULL DEFAULT 'x@y';
CREATE TABLE copy AS SELECT id, name FROM customer;
CREATE DEFINER = 'ghost'@'%' PROCEDURE add_one(IN n INT) INSERT INTO customer (name) VALUES (CONCAT('proc ', n));
CREATE DEFINER = 'ghost'@'%' TRIGGER on_copy BEFORE INSERT ON copy FOR EACH ROW SET NEW.name = UPPER(NEW.name);
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM audit;
CREATE EVENT ticking ON SCHEDULE EVERY 1 SECOND DO INSERT INTO audit (what) VALUES ('tick');
CREATE VIEW names AS SELECT name FROM customer;
CREATE USER app@localhost IDENTIFIED BY 'secret'; GRANT SELECT ON shop.* TO app@localhost;
CREATE DATABASE newer; CREATE TABLE newer.t (id INT);
XA START 'one'; INSERT INTO customer (name) VALUES ('xa'); XA END 'one'; XA PREPARE 'one'; XA COMMIT 'one';
INSERT INTO customer (name) VALUES ('after');
`;
/** What only MariaDB has: settings of sessions, sequences, history. */
const OF_MARIADB = `
USE shop;
SET SESSION explicit_defaults_for_timestamp = OFF; CREATE TABLE stamped (id INT, at TIMESTAMP); SET SESSION explicit_defaults_for_timestamp = ON;
SET SESSION sql_if_exists = ON; DROP TABLE no_such_table; DROP VIEW no_such_view; SET SESSION sql_if_exists = OFF;
CREATE SEQUENCE numbers; INSERT INTO customer (name) VALUES (NEXTVAL(numbers)), (NEXTVAL(numbers)); DO SETVAL(numbers, 50);
CREATE TABLE prices (id INT PRIMARY KEY, price INT) WITH SYSTEM VERSIONING; INSERT INTO prices VALUES (1, 1); UPDATE prices SET price = 2;
SET SESSION binlog_format = ROW; CREATE TABLE copied AS SELECT id, name FROM customer;
`;
/** A table that is logged with its rows in one transaction. */
const OF_MYSQL = 'USE shop; SET SESSION binlog_format = ROW; CREATE TABLE copied AS SELECT id, name FROM customer;';
const AFTER = "USE shop; CALL add_one(1); INSERT INTO copy VALUES (77, 'low');";

const ROWS: readonly (readonly [
  string,
  server: 'mysql:9.7' | 'mariadb:11.8' | 'mariadb:10.11',
  settings: string[],
  RecoveryTarget,
])[] = [
  [
    'GTIDs, compressed, to just before the DROP DATABASE',
    'mysql:9.7',
    ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--binlog-transaction-compression=ON'],
    { kind: 'before', event: 'drop-database', object: 'shop' },
  ],
  ['no GTIDs, to the end', 'mysql:9.7', ['--gtid-mode=OFF'], { kind: 'latest' }],
  [
    'compressed, to just before the DROP DATABASE',
    'mariadb:11.8',
    ['--log-bin-compress=ON', '--log-bin-compress-min-len=20'],
    { kind: 'before', event: 'drop-database', object: undefined },
  ],
  ['checksums off, to the end', 'mariadb:10.11', ['--binlog-checksum=NONE'], { kind: 'latest' }],
];

describe.skipIf(!inject('dockerAnswers'))('binary logs replayed onto a dump in containers', () => {
  const boxes = shareSandboxes((server: string) => startSandbox({ runtime: 'docker', server }));
  afterAll(() => boxes[Symbol.asyncDispose]());

  it.each(ROWS)('replays %s, of %s', async (_what, server, settings, target) => {
    const product = server.startsWith('mysql') ? 'mysql' : 'mariadb';
    await using directory = await makeWorkDirectory();
    const [dumps, logs] = [join(directory.path, 'dumps'), join(directory.path, 'logs')];
    const copies = join(directory.path, 'copies');
    const hasCopy = settings.includes('--gtid-mode=ON');
    const sandboxes = { runtime: 'docker', server } as const;
    let wanted: Awaited<ReturnType<typeof describeDatabase>>;
    {
      await using source = await startSource(sandboxes);
      const primary = await startLogging(source, product, settings);
      await primary.sql(SCHEMA);
      await primary.dump('shop.sql', product === 'mysql' ? '--source-data=2' : '--master-data=2', '--routines', 'shop');
      await primary.sql(`SET SESSION binlog_format = ROW; ${CHANGES}`);
      await primary.sql('FLUSH BINARY LOGS');
      if (hasCopy) await primary.copy('data', join(copies, 'hot'));
      await primary.sql(`SET SESSION binlog_format = STATEMENT; ${CHANGES}`);
      await primary.sql(`SET SESSION binlog_format = MIXED; ${DEFINITIONS}`);
      if (product === 'mariadb') await primary.sql(OF_MARIADB);
      else await primary.sql(OF_MYSQL);
      await runEvents(primary);
      await primary.sql(`SET SESSION binlog_format = STATEMENT; ${AFTER}`);
      wanted = await describeDatabase(primary.ask, 'shop');
      if (target.kind === 'before')
        await primary.sql('FLUSH BINARY LOGS; DROP DATABASE shop; INSERT INTO other.t VALUES (7, 7)');
      await primary.sql('FLUSH BINARY LOGS');
      await primary.copy('dumps', dumps);
      await primary.copy('logs', logs);
    }
    const log = await openLogArchive(openDirectorySource(logs), NO_KEYS, never);
    await refuseOthers(product, log, readFileSync(join(dumps, 'shop.sql'), 'utf8'));
    let lastCommit: NonNullable<Restored['outcome']['replayed']>['lastCommit'] | undefined;
    {
      const sandbox = await boxes.take(server);
      await using restored = await restoreInto(sandbox, sandboxes, await openBackup(dumps, '*.sql'), {
        recovery: { target, log },
      });
      expect(await describeDatabase(restored.ask, 'shop')).toEqual(wanted);
      expectReplayed(restored, target);
      await expectFreeNumbers(restored);
      lastCommit = restored.outcome.replayed?.lastCommit;
    }
    if (!hasCopy) return;
    // a copy of the running server states no position: its files contain the GTIDs of their transactions
    const options = { recovery: { target, log }, database: 'shop' };
    const sandbox = await boxes.take(server);
    await using copied = await restoreInto(sandbox, sandboxes, await openBackup(copies, '*/'), options);
    expect(copied.outcome.errors).toEqual([]);
    expect(copied.outcome.replayed?.lastCommit).toEqual(lastCommit);
    expect(await describeDatabase(copied.ask, 'shop')).toEqual(wanted);
  });
});

function expectReplayed({ outcome, server, progress }: Restored, target: RecoveryTarget): void {
  expect(outcome.errors).toEqual([]);
  expect(progress).toContainEqual(expect.stringMatching(/^replaying the log at binlog\.00000\d:\d+$/));
  expect([...server.loaded]).toEqual(['shop']);
  expect(outcome.warnings.join('\n')).toContain(
    'created since the backup, which holds other databases, so not replayed: newer',
  );
  const { replayed } = outcome;
  if (target.kind === 'latest') {
    expect(replayed).toMatchObject({ isWholeLog: true, firstLost: undefined });
    expect(replayed?.recoverableUntil).toEqual(replayed?.lastCommit?.at);
  } else expect(replayed?.firstLost?.position).toMatch(/^binlog\.00000\d:\d+$/);
}

/** Expects that the next AUTO_INCREMENT is free after rows and statements have both assigned numbers. */
async function expectFreeNumbers({ ask, outcome }: Restored): Promise<void> {
  for (const table of ['customer', 'orders', 'audit', 'big']) {
    const next = `SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = '${table}'`;
    const [free, given] = [await ask(next), await ask(`SELECT MAX(id) FROM shop.${table}`)];
    expect(Number(free[0]), table).toBeGreaterThan(Number(given[0]));
  }
  const taken = outcome.warnings.filter((warning) => warning.startsWith('AUTO_INCREMENT is not above'));
  expect(taken).toEqual([]);
}

const TICKS = "SELECT COUNT(*) FROM shop.audit WHERE what = 'tick'";
/** Sessions that run an event; the scheduler itself is a `Daemon`. */
const RUNNING_EVENTS = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND = 'Connect'";

/** Lets the primary's events run, so that its log contains both an event and the rows that it inserted. */
async function runEvents({ sql, ask }: LoggingServer): Promise<void> {
  await sql('SET GLOBAL event_scheduler = ON');
  while ((await ask(TICKS))[0] === '0');
  await sql('SET GLOBAL event_scheduler = OFF');
  while ((await ask(RUNNING_EVENTS))[0] !== '0');
}

/** Expects that a mismatch between the real log and the real dump is found before anything is replayed. */
async function refuseOthers(product: 'mysql' | 'mariadb', archive: LogArchive, dump: string): Promise<void> {
  const own = coordinatesInDump(dump);
  if (!own?.at) throw new Error('the dump states no position');
  const { file, position } = own.at;
  const plan = (coordinates: LogCoordinates, files = archive.files) => {
    const target = { kind: 'latest' } as const;
    return planReplay({
      product,
      archive: { ...archive, files },
      coordinates,
      target,
      database: 'shop',
      signal: never,
    });
  };
  const refused = (message: RegExp) => ({ code: 'log-incomplete', message: expect.stringMatching(message) });
  expect((await plan(own)).doubts).toEqual([]);
  const purged = archive.files.filter(({ key }) => key !== file);
  await expect(plan(own, purged)).rejects.toMatchObject(refused(/lacks binlog\.\d+/));
  await expect(plan({ ...own, at: { file, position: position + 1 } })).rejects.toMatchObject(
    refused(/no transaction of binlog\.\d+ begins at position/),
  );
  if (own.gtids === undefined) return;
  const gtids = product === 'mysql' ? '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5' : '4-9-17';
  await expect(plan({ ...own, gtids })).rejects.toMatchObject(refused(/are of other servers than those/));
}
