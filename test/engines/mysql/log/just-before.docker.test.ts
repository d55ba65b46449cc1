import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { openDirectorySource } from '../../../../src/backup/drivers/directory/directory-source.ts';
import { NO_KEYS } from '../../../../src/backup/layer.ts';
import { openLogArchive } from '../../../../src/backup/reading/open-log-archive.ts';
import type { RecoveryTarget } from '../../../../src/engines/format.ts';
import { shareSandboxes } from '../../../support/clear-sandbox.ts';
import { makeWorkDirectory, never, openBackup, restoreInto, startSandbox, startSource } from '../restoring.ts';
import { startLogging } from './logging-server.ts';

const TABLES = ['items', 'cart', 'notes', 'orders'] as const;
const SCHEMA = `
CREATE DATABASE crm; CREATE TABLE crm.contact (id INT PRIMARY KEY); CREATE DATABASE shop; USE shop;
${TABLES.map((table) => `CREATE TABLE ${table} (id INT PRIMARY KEY, note VARCHAR(20) DEFAULT 'x');`).join('\n')}
INSERT INTO items (id) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i FROM n;
${TABLES.slice(1)
  .map((table) => `INSERT INTO ${table} SELECT * FROM items;`)
  .join('\n')}
`;
/** Adds a row that only the log has to each table; then each table loses its rows in a different way. */
const CHANGES = `
USE shop; SET SESSION binlog_format = ROW;
${TABLES.map((table) => `INSERT INTO ${table} (id) VALUES (5000);`).join('\n')}
DELETE FROM items; INSERT INTO crm.contact VALUES (1);
SET SESSION binlog_format = STATEMENT; DELETE FROM cart; SET SESSION binlog_format = ROW;
TRUNCATE notes; INSERT INTO crm.contact VALUES (2); FLUSH BINARY LOGS;
DROP TABLE orders; INSERT INTO crm.contact VALUES (3); INSERT INTO notes (id) VALUES (1); FLUSH BINARY LOGS;
`;

type Before = Extract<RecoveryTarget, { kind: 'before' }>;
const before = (event: Before['event'], object: string, minRows?: number): Before => ({
  kind: 'before',
  event,
  object,
  minRows,
});

/** Number of rows that each table of {@link TABLES} then has, and number of other transactions that are lost. */
const LOSSES = {
  items: [before('mass-delete', 'shop.items'), [901, 901, 901, 901], '7 other transactions'],
  cart: [before('mass-delete', 'shop.cart'), [0, 901, 901, 901], '5 other transactions'],
  notes: [before('truncate', 'shop.notes'), [0, 0, 901, 901], '4 other transactions'],
  orders: [before('drop-table', 'shop.orders'), [0, 0, 0, 901], '2 other transactions'],
} as const;

const SERVERS = [
  ['mariadb:11.8', ['items', 'cart', 'notes', 'orders'], ['--log-bin-compress=ON']],
  ['mysql:9.7', ['items'], ['--binlog-transaction-compression=ON']],
] as const;

describe.skipIf(!inject('dockerAnswers'))('a recovery to just before rows were lost', () => {
  it.each(SERVERS)('%s: restores %j', async (server, lost, settings) => {
    const product = server.startsWith('mysql') ? 'mysql' : 'mariadb';
    const sandboxes = { runtime: 'docker', server } as const;
    await using directory = await makeWorkDirectory();
    const [dumps, logs] = [join(directory.path, 'dumps'), join(directory.path, 'logs')];
    {
      await using source = await startSource(sandboxes);
      const primary = await startLogging(source, product, settings);
      await primary.sql(SCHEMA);
      await primary.dump('shop.sql', product === 'mysql' ? '--source-data=2' : '--master-data=2', 'shop');
      await primary.sql(CHANGES);
      await primary.copy('dumps', dumps);
      await primary.copy('logs', logs);
    }
    await using boxes = shareSandboxes(startSandbox);
    for (const table of lost) {
      const [target, rows, others] = LOSSES[table];
      const log = await openLogArchive(openDirectorySource(logs), NO_KEYS, never);
      const sandbox = await boxes.take(sandboxes);
      const recovery = { target, log };
      await using restored = await restoreInto(sandbox, sandboxes, await openBackup(dumps, '*.sql'), { recovery });
      const counts = TABLES.map((each) => `(SELECT COUNT(*) FROM ${each})`).join(', ');
      expect((await restored.check(`SELECT ${counts}`)).rows, table).toEqual([rows.map(BigInt)]);
      expect(restored.outcome.warnings.join('\n')).toMatch(
        new RegExp(`^found .*shop\\.${table}, transaction .*; ${others} committed since`, 'm'),
      );
    }
  });
});
