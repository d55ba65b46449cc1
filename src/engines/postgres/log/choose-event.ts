import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { DestructiveEvent } from '../../format.ts';
import { type EventTable, type LogEvent, STATEMENTS } from './log-event.ts';

/** What recovery is to stop just before. */
export interface WantedEvent {
  readonly event: DestructiveEvent;
  /** `shop` of a database; `public.orders` or `shop.public.orders` of a table. Undefined: whatever it was. */
  readonly object: string | undefined;
  /** The database that the drill is about: it counts where a table of that name is in several. */
  readonly database: string | undefined;
}

/**
 * The last event of that kind and name.
 * @throws DrillError `target-not-reached` when the log holds none.
 */
export function chooseEvent(events: readonly LogEvent[], wanted: WantedEvent): LogEvent {
  const { event, object, database } = wanted;
  const ofKind = events.filter(({ kind }) => kind === event);
  const named = object === undefined ? ofKind : ofKind.filter((one) => isAbout(one, object));
  const own = named.filter((one) => one.database.name === database);
  const unknown = object === undefined ? [] : ofKind.filter((one) => hasUnknownName(one));
  const chosen = (own.length > 0 ? own : named).at(-1) ?? (unknown.length === 1 ? unknown[0] : undefined);
  if (chosen) return chosen;
  const others = ofKind.length > 0 ? ofKind : events;
  throw new DrillError(
    'target-not-reached',
    `the log since the backup holds no ${STATEMENTS[event]}${object === undefined ? '' : ` of ${toPrintable(object)}`}`,
    {
      hint:
        others.length > 0
          ? 'It happened at another time, or the name is misspelled; what was found is listed below.'
          : 'It happened before the backup or after the end of the archive: choose another backup with `--backup`.',
      details: others.slice(-5).map(describeEvent),
    },
  );
}

function isAbout({ kind, database, tables }: LogEvent, object: string): boolean {
  if (kind === 'drop-database') return database.name === object;
  return tables.some(({ name }) => name !== undefined && (name === object || `${database.name}.${name}` === object));
}

function hasUnknownName({ kind, database, tables }: LogEvent): boolean {
  return kind === 'drop-database' ? database.name === undefined : tables.every(({ name }) => name === undefined);
}

/** `DROP TABLE public.orders in shop, transaction 773, committed 2026-11-27T03:10:00.250Z, at 0/76C2E30`. */
export function describeEvent(event: LogEvent): string {
  const { xid, committedAt, lsn } = event;
  const when = committedAt === undefined ? 'not committed in this log' : `committed ${committedAt.toISOString()}`;
  return `${describeStatement(event)}, transaction ${xid}, ${when}, at ${lsn}`;
}

/** `DROP DATABASE shop`, `DELETE of 5,000 rows of public.items in shop`. */
function describeStatement({ kind, database, tables }: LogEvent): string {
  const where = database.name === undefined ? `the database with OID ${database.oid}` : toPrintable(database.name);
  if (kind === 'drop-database') return `DROP DATABASE ${database.name === undefined ? 'of ' : ''}${where}`;
  const listed = tables.slice(0, MAX_TABLES).map((table) => describeTable(kind, table));
  const more = tables.length > MAX_TABLES ? [`${formatCount(tables.length - MAX_TABLES)} more tables`] : [];
  const verb = kind === 'mass-delete' ? 'DELETE of' : STATEMENTS[kind];
  return `${verb} ${[...listed, ...more].join(', ')} in ${where}`;
}

const MAX_TABLES = 5;

function describeTable(kind: DestructiveEvent, { name, filenode, rows }: EventTable): string {
  const what = name === undefined ? `the table with file ${filenode}` : toPrintable(name);
  if (rows === undefined) return what;
  const count = `${formatCount(rows)} row${rows === 1 ? '' : 's'}`;
  return kind === 'mass-delete' ? `${count} of ${what}` : `${what} (about ${count})`;
}

/** What a recovery to just before it leaves out. */
export function describeLoss({ commitsAfter }: Pick<LogEvent, 'commitsAfter'>): string {
  const others = Math.max(0, commitsAfter - 1);
  if (others === 0) return 'no other transaction committed since';
  return `${formatCount(others)} other transaction${others === 1 ? '' : 's'} committed since, and ${others === 1 ? 'is' : 'are'} not in the copy`;
}
