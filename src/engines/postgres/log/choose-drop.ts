import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { DroppedDatabase } from './dropped-databases.ts';
import type { ScannedLog } from './scan-log.ts';

/**
 * The last time that the database was dropped; without a name, the last drop of any.
 * @throws DrillError `target-not-reached` when the log holds none.
 */
export function chooseDrop({ drops, names }: ScannedLog, object: string | undefined): DroppedDatabase {
  const named = object === undefined ? drops : drops.filter(({ oid }) => names.get(oid) === object);
  // a database that was created after the backup has its name in no file of it
  const unknown = object === undefined ? [] : drops.filter(({ oid }) => !names.has(oid));
  const chosen = named.at(-1) ?? (unknown.length === 1 ? unknown[0] : undefined);
  if (chosen) return chosen;
  const found = drops.map((drop) => describeDrop(drop, names)).slice(0, 5);
  throw new DrillError(
    'target-not-reached',
    object === undefined
      ? 'the log since the backup holds no DROP DATABASE'
      : `the log since the backup holds no DROP DATABASE of ${toPrintable(object)}`,
    {
      hint:
        found.length > 0
          ? 'It was dropped at another time, or the name is misspelled; what was dropped is listed below.'
          : 'It was dropped before the backup or after the end of the archive: choose another backup with `--backup`.',
      details: found,
    },
  );
}

/** `DROP DATABASE shop, transaction 773, committed 2026-11-27T03:10:00.250Z, at 0/76C2E30`. */
export function describeDrop({ oid, xid, committedAt, dropLsn }: DroppedDatabase, names: ScannedLog['names']): string {
  const name = names.get(oid);
  const what = name === undefined ? `of the database with OID ${oid}` : toPrintable(name);
  const when = committedAt === undefined ? 'not committed in this log' : `committed ${committedAt.toISOString()}`;
  return `DROP DATABASE ${what}, transaction ${xid}, ${when}, at ${dropLsn}`;
}

/** What a recovery to just before it leaves out. */
export function describeLoss({ commitsAfter }: DroppedDatabase): string {
  const others = Math.max(0, commitsAfter - 1);
  if (others === 0) return 'no other transaction committed since';
  return `${formatCount(others)} other transaction${others === 1 ? '' : 's'} committed since, and ${others === 1 ? 'is' : 'are'} not in the copy`;
}

/** Before the mark, or where an older server wrote none, before the row's deletion. By position, never by time: the files go before the commit. */
export function stopLsnOf({ markLsn, firstLsn }: DroppedDatabase): string {
  return markLsn ?? firstLsn;
}
