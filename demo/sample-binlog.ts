import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type SamplePlace, startSampleMariadb } from './sample-mariadb.ts';
import { shopDump, writeMysqlSample } from './sample-mysql.ts';

/** The times of events in the sample shop. */
export interface DroppedShop {
  readonly droppedAt: Date;
}

const CUSTOMERS = 5000;

/**
 * What is left of a web shop whose database was dropped on every replica: `backups/` with an earlier dump, and `log/` with the server's binary log,
 * including the drop. Customers and orders were added between the two, and another database was written to after the drop.
 */
export async function writeShopWithBinlog(directory: string, place: SamplePlace): Promise<DroppedShop> {
  await rm(directory, { recursive: true, force: true });
  await using server = await startSampleMariadb(place);
  const takenAt = new Date();
  const sample = { takenAt, customers: CUSTOMERS, withoutPayments: false };
  await server.sql(['CREATE DATABASE shop; CREATE DATABASE crm; USE shop;\n', ...shopDump('mariadb', sample)]);
  await server.sql('CREATE TABLE crm.contact (id int PRIMARY KEY, name varchar(100)); FLUSH BINARY LOGS');
  const coordinates = await server.coordinates();
  const name = `shop-${takenAt.toISOString().slice(0, 19).replaceAll(':', '')}Z.sql.gz`;
  await writeMysqlSample(join(directory, 'backups', name), 'mariadb', sample, coordinates);
  await server.sql(AFTER_BACKUP);
  const [seconds = ''] = (await server.sql('SELECT UNIX_TIMESTAMP(); DROP DATABASE shop')).split('\n');
  await server.sql("INSERT INTO crm.contact VALUES (1, 'Ada'), (2, 'Grace')");
  await server.archiveLog(join(directory, 'log'));
  return { droppedAt: new Date(Number(seconds) * 1000) };
}

/**
 * Two backups of the shop by mariadb-backup: a full one of an hour ago by its name, and an increment with the customers and orders added since
 * then.
 * @returns their file names.
 */
export async function writeShopIncrements(
  directory: string,
  place: SamplePlace,
): Promise<{ readonly full: string; readonly increment: string }> {
  await rm(directory, { recursive: true, force: true });
  await using server = await startSampleMariadb(place);
  const now = Date.now();
  const nameAt = (time: number) => `shop-${new Date(time).toISOString().slice(0, 19).replaceAll(':', '')}Z.mb.zst`;
  const [full, increment] = [nameAt(now - 3_600_000), nameAt(now)];
  const sample = { takenAt: new Date(now - 3_600_000), customers: CUSTOMERS, withoutPayments: false };
  await server.sql(['CREATE DATABASE shop; USE shop;\n', ...shopDump('mariadb', sample)]);
  await server.backUp(join(directory, full), false);
  await server.sql(AFTER_BACKUP);
  await server.backUp(join(directory, increment), true);
  return { full, increment };
}

/** 200 more customers, each with an order and a payment. */
const AFTER_BACKUP = `
USE shop;
INSERT INTO customer SELECT seq, CONCAT('Customer ', seq), CONCAT('customer', seq, '@example.com'), UTC_TIMESTAMP() FROM seq_5001_to_5200;
INSERT INTO orders SELECT 15000 + seq, seq, UTC_TIMESTAMP() FROM seq_5001_to_5200;
INSERT INTO order_line SELECT 15000 + seq, 1, 1 + seq % 200, 2 FROM seq_5001_to_5200;
INSERT INTO payment SELECT 15000 + seq, 15000 + seq, 99.5, UTC_TIMESTAMP() FROM seq_5001_to_5200;
`;
