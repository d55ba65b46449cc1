import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { mappedFilenode, PG_CLASS, PG_DATABASE } from './catalog-rows.ts';
import type { WantedEvent } from './choose-event.ts';
import { STATEMENTS } from './log-event.ts';
import { parseLsn } from './log-line.ts';
import type { Catalogs, MapRecord, ScannedTransaction } from './transaction-scanner.ts';

/** A part of the log in which events of a database cannot be seen: its catalogue went to another file. */
export interface UnseenPart {
  /** 0: DROP DATABASE of any; otherwise tables that were dropped or truncated in this database. */
  readonly database: number;
  readonly name: string | undefined;
  readonly lsn: string;
}

/**
 * Finds from where on the catalogue is not in the files that are read, because VACUUM FULL wrote it anew. Source: PostgreSQL's
 * src/include/utils/relmapper.h, xl_relmap_update: such a record ends with the map.
 */
export function findUnseen(
  records: readonly { readonly record: MapRecord; readonly bytes: Buffer }[],
  catalogs: Catalogs,
  transactions: readonly ScannedTransaction[],
): readonly Omit<UnseenPart, 'name'>[] {
  const found = new Map<number, string>();
  for (const { record, bytes } of records) {
    const { database, mapBytes, lsn, xid } = record;
    const map = bytes.subarray(bytes.length - mapBytes);
    const isRead =
      database === 0
        ? mappedFilenode(map, PG_DATABASE) === catalogs.pgDatabase
        : catalogs.filenodes.has(mappedFilenode(map, PG_CLASS));
    // where no other files were removed since, nothing was dropped
    const isEmpty = database !== 0 && !transactions.some((one) => one.xid !== xid && isLoss(one, database, lsn));
    if (!isRead && !isEmpty && !found.has(database)) found.set(database, lsn);
  }
  return [...found].map(([database, lsn]) => ({ database, lsn }));
}

function isLoss({ commitLsn, dropped }: ScannedTransaction, database: number, lsn: string): boolean {
  return parseLsn(commitLsn) > parseLsn(lsn) && dropped.some((file) => file.database === database);
}

/** `DROP TABLE and TRUNCATE in shop cannot be told from 0/3000028 on: VACUUM FULL rewrote its catalogue` */
export function describeUnseen({ database, name, lsn }: UnseenPart): string {
  const where = name === undefined ? `the database with OID ${database}` : toPrintable(name);
  const what = database === 0 ? 'DROP DATABASE' : `DROP TABLE and TRUNCATE in ${where}`;
  return `${what} cannot be told from ${lsn} on: VACUUM FULL rewrote the catalogue`;
}

/**
 * An older event must not be taken for the one that was not seen.
 * @throws DrillError `target-not-reached` where the wanted one may be in such a part.
 */
export function requireSeen(unseen: readonly UnseenPart[], { event, object, database }: WantedEvent): void {
  if (event === 'mass-delete') return;
  const hiding = unseen.find((one) => {
    if (event === 'drop-database' || one.database === 0) return event === 'drop-database' && one.database === 0;
    if (one.name === undefined || database === undefined || one.name === database) {
      const other = object?.split('.') ?? [];
      return other.length !== 3 || one.name === undefined || other[0] === one.name;
    }
    return object?.startsWith(`${one.name}.`) === true;
  });
  if (!hiding) return;
  throw new DrillError(
    'target-not-reached',
    `the last ${STATEMENTS[event]} cannot be found: ${describeUnseen(hiding)}`,
    {
      hint: 'Use a backup that was taken after that position, or name a position in `recover.to`.',
    },
  );
}
