import { expect, it } from 'vitest';
import { CatalogHistory } from '../../../../src/engines/postgres/log/catalog-history.ts';
import { findEvents } from '../../../../src/engines/postgres/log/find-events.ts';
import { TransactionScanner } from '../../../../src/engines/postgres/log/transaction-scanner.ts';
import { databaseRow, INPLACE, walRecord } from './catalog-bytes.ts';

const catalogs = { filenodes: new Set([1259]), pgDatabases: new Set([1262]) };
const line = (manager: string, xid: number, lsn: string, description: string): string =>
  `rmgr: ${manager.padEnd(11)} len (rec/tot):     54/    54, tx: ${String(xid).padStart(10)}, lsn: ${lsn}, prev 0/00000028, desc: ${description}`;

/** A DROP DATABASE after a change in place of the row, with a commit of another transaction in between. */
it.each([
  ['the mark of the drop', -2, '0/76C2858', 2],
  ['VACUUM, by a server that writes no mark', -1, '0/76C2D28', 1],
])('stops before a DROP DATABASE when the change in place is %s', (_, limit, stopLsn, commitsAfter) => {
  const scanner = new TransactionScanner(catalogs, 1000);
  for (const text of [
    line('Heap', 0, '0/076C2858', 'INPLACE off: 2, blkref #0: rel 1664/0/1262 blk 0'),
    line('Transaction', 772, '0/076C2900', 'COMMIT 2026-11-27 03:09:00.000000 UTC'),
    line('Heap', 773, '0/076C2D28', 'DELETE off: 2, flags: 0x00, blkref #0: rel 1664/0/1262 blk 0'),
    line('Database', 773, '0/076C2E30', 'DROP dir 1663/16385'),
    line('Transaction', 773, '0/076C2EA0', 'COMMIT 2026-11-27 03:10:00.250000 UTC'),
  ])
    scanner.readLine(text);
  const history = new CatalogHistory(15);
  const row = databaseRow(16385, 'shop', limit);
  const record = { xid: 0, database: 0, file: 1262, main: Buffer.from([2, 0]), blocks: [{ block: 0, data: row }] };
  history.readRecord(walRecord(INPLACE, record), '0/76C2858');
  const [event] = findEvents(scanner, history, undefined).events;
  expect(event).toMatchObject({ kind: 'drop-database', stopLsn, commitsAfter });
});
