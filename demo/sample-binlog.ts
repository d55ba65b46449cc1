import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type SamplePlace, startSampleMariadb } from './sample-mariadb.ts';
import { shopDump, writeMysqlSample } from './sample-mysql.ts';

/** When what happened to the sample shop. */
export interface DroppedShop {
  readonly droppedAt: Date;
}

const CUSTOMERS = 5000;

/**
 * What is left of a web shop whose database was dropped on every replica: `backups/` with a dump from before, and `log/` with the server's binary log,
 * the drop in it. Customers and orders were added between the two, and another database was written to after the drop.
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

/** 200 customers more, with an order and a payment each. */
const AFTER_BACKUP = `
USE shop;
INSERT INTO customer SELECT seq, CONCAT('Customer ', seq), CONCAT('customer', seq, '@example.com'), UTC_TIMESTAMP() FROM seq_5001_to_5200;
INSERT INTO orders SELECT 15000 + seq, seq, UTC_TIMESTAMP() FROM seq_5001_to_5200;
INSERT INTO order_line SELECT 15000 + seq, 1, 1 + seq % 200, 2 FROM seq_5001_to_5200;
INSERT INTO payment SELECT 15000 + seq, 15000 + seq, 99.5, UTC_TIMESTAMP() FROM seq_5001_to_5200;
`;
