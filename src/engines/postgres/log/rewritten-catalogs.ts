import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { STATEMENTS } from '../../event-words.ts';
import { mappedFilenode, PG_CLASS, PG_DATABASE } from './catalog-rows.ts';
import type { WantedEvent } from './choose-event.ts';
import { parseLsn } from './log-line.ts';
import type { Catalogs, MapRecord, ScannedTransaction } from './transaction-scanner.ts';

/** A part of the log in which events of a database cannot be seen because its catalog moved to another file. */
export interface UnseenPart {
  /** 0: DROP DATABASE of any database; otherwise DROP TABLE and TRUNCATE in this database. */
  readonly database: number;
  readonly name: string | undefined;
  readonly lsn: string;
}

/** A catalog that moved to another file. */
export interface Rewrite {
  readonly record: MapRecord;
  /** The file that pg_class is in from there on; for the map shared by all databases, pg_database. */
  readonly filenode: number;
}

/** Finds where VACUUM FULL rewrote a catalog. Source: PostgreSQL's src/include/utils/relmapper.h, xl_relmap_update: such a record ends with the map. */
export function readRewrites(
  records: readonly { readonly record: MapRecord; readonly bytes: Buffer }[],
): readonly Rewrite[] {
  return records.map(({ record, bytes }) => {
    const map = bytes.subarray(bytes.length - record.mapBytes);
    return { record, filenode: mappedFilenode(map, record.database === 0 ? PG_DATABASE : PG_CLASS) };
  });
}

/** @returns the catalogs including the files that they were rewritten to; undefined if all are already known. */
export function withRewritten(
  { filenodes, pgDatabases }: Catalogs,
  rewrites: readonly Rewrite[],
): Catalogs | undefined {
  const of = (isShared: boolean) =>
    rewrites.filter(({ record }) => (record.database === 0) === isShared).map(({ filenode }) => filenode);
  const followed = {
    filenodes: new Set([...filenodes, ...of(false)]),
    pgDatabases: new Set([...pgDatabases, ...of(true)]),
  };
  const isSame = followed.filenodes.size === filenodes.size && followed.pgDatabases.size === pgDatabases.size;
  return isSame ? undefined : followed;
}

/**
 * Finds the position from which a catalog is in a file that could not be followed.
 * @param isKnown whether the file's contents were read.
 */
export function findUnseen(
  rewrites: readonly Rewrite[],
  isKnown: (database: number, filenode: number) => boolean,
  transactions: readonly ScannedTransaction[],
): readonly Omit<UnseenPart, 'name'>[] {
  const found = new Map<number, string>();
  for (const { record, filenode } of rewrites) {
    const { database, lsn, xid } = record;
    const isRead = isKnown(database, filenode);
    // if no other files have been removed since, nothing was dropped
    const isEmpty = database !== 0 && !transactions.some((one) => one.xid !== xid && isLoss(one, database, lsn));
    if (!isRead && !isEmpty && !found.has(database)) found.set(database, lsn);
  }
  return [...found].map(([database, lsn]) => ({ database, lsn }));
}

function isLoss({ commitLsn, dropped }: ScannedTransaction, database: number, lsn: string): boolean {
  return parseLsn(commitLsn) > parseLsn(lsn) && dropped.some((file) => file.database === database);
}

/** `DROP TABLE and TRUNCATE in shop cannot be told from 0/3000028 on: VACUUM FULL rewrote its catalog` */
export function describeUnseen({ database, name, lsn }: UnseenPart): string {
  const where = name === undefined ? `the database with OID ${database}` : toPrintable(name);
  const what = database === 0 ? 'DROP DATABASE' : `DROP TABLE and TRUNCATE in ${where}`;
  return `${what} cannot be recognized from ${lsn} on: VACUUM FULL rewrote the catalog`;
}

/**
 * An older event must not be mistaken for one that was not seen.
 * @throws DrillError `target-not-reached` if the wanted one may be in such a part.
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
