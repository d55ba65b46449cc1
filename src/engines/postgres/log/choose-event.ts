import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import {
  describeEarlierLosses,
  describeOthersLost,
  describeOthersMeant,
  noSuchEvent,
  STATEMENTS,
  severalTables,
} from '../../event-words.ts';
import type { DestructiveEvent } from '../../format.ts';
import type { EventTable, LogEvent } from './log-event.ts';

/** The event just before which recovery should stop. */
export interface WantedEvent {
  readonly event: DestructiveEvent;
  /** `shop` for a database; `public.orders` or `shop.public.orders` for a table. Undefined for any object. */
  readonly object: string | undefined;
  /** The drill's database: it decides if several have a table of that name. */
  readonly database: string | undefined;
}

/**
 * The last event of that kind and name, in the drill's database unless the object names another. An event whose object the log does not name may be meant if it
 * is the only one: the recovered copy must then prove it, see `requireRescued`.
 * @param smaller deletions of fewer rows than count.
 * @throws DrillError `target-not-reached` if the log has none, `target-ambiguous` for deletions from several tables if none is named, or for several events
 * that the log does not name.
 */
export function chooseEvent(
  events: readonly LogEvent[],
  wanted: WantedEvent,
  smaller: readonly LogEvent[] = [],
): LogEvent {
  const { event } = wanted;
  const ofKind = events.filter(({ kind }) => kind === event);
  const certain = ofKind.filter((one) => isMeant(one, wanted));
  const possible = ofKind.filter((one) => mayBeMeant(one, wanted));
  const chosen = certain.at(-1) ?? (possible.length === 1 ? possible[0] : undefined);
  if (chosen) {
    if (event === 'mass-delete') requireOneTable(certain, chosen, wanted);
    return chosen;
  }
  if (possible.length > 1) throw noneNamed(possible, wanted);
  const fewer = event === 'mass-delete' ? smaller.filter((one) => isMeant(one, wanted)) : [];
  if (fewer.length > 0) throw noneButSmaller(fewer, wanted);
  const others = ofKind.length > 0 ? ofKind : events;
  const details = others.slice(-5).map(describeEvent);
  throw noSuchEvent(wanted, { scope: describeScope(wanted), others: others.length, details });
}

function requireOneTable(meant: readonly LogEvent[], chosen: LogEvent, wanted: WantedEvent): void {
  if (wanted.object !== undefined || meant.every((one) => isOfSameTable(one, chosen))) return;
  const [name, where] = [chosen.tables[0]?.name, chosen.database.name];
  const table = name === undefined || where === undefined ? undefined : `${where}.${name}`;
  const events = meant.map(describeEvent);
  throw severalTables(describeScope(wanted), events, { table, stopBefore: `lsn=${chosen.stopLsn}` });
}

function noneNamed(possible: readonly LogEvent[], wanted: WantedEvent): DrillError {
  const which = wanted.object === undefined ? 'the one' : `that of ${toPrintable(wanted.object)}`;
  return new DrillError(
    'target-ambiguous',
    `the log holds ${formatCount(possible.length)} ${STATEMENTS[wanted.event]} without a name, and each may be ${which}${describeScope(wanted)}`,
    {
      hint: `Name the position of the one to stop before, such as \`--to "before lsn=${possible.at(-1)?.stopLsn}"\` for the last one.`,
      details: possible.slice(-5).map(describeEvent),
    },
  );
}

/** For a target without an object: what else was lost by the same statement. @returns undefined if nothing was. */
export function describeOthers(events: readonly LogEvent[], chosen: LogEvent, wanted: WantedEvent): string | undefined {
  if (wanted.object !== undefined) return undefined;
  const meant = events.filter((one) => one.kind === wanted.event && isMeant(one, wanted));
  const others = meant.filter((one) => !isOfSame(one, chosen));
  return others.length === 0 ? undefined : describeOthersMeant(others.map(describeEvent));
}

function noneButSmaller(smaller: readonly LogEvent[], wanted: WantedEvent): DrillError {
  const largest = smaller.toSorted((a, b) => rowsOf(b) - rowsOf(a));
  const what = wanted.object === undefined ? '' : ` of ${toPrintable(wanted.object)}`;
  const [first] = largest;
  return new DrillError(
    'target-not-reached',
    `the log since the backup holds no ${STATEMENTS['mass-delete']}${what}${describeScope(wanted)}, but smaller ones`,
    {
      hint: `The largest are listed below. To stop before one, say how many rows count: \`--to "before mass-delete${wanted.object === undefined ? '' : ` ${toPrintable(wanted.object)}`} min ${first ? rowsOf(first) : 1}"\`.`,
      details: largest.slice(0, 5).map(describeEvent),
    },
  );
}

function rowsOf({ tables }: LogEvent): number {
  return Math.max(...tables.map(({ rows }) => rows ?? 0));
}

function describeScope({ event, object, database }: WantedEvent): string {
  if (database === undefined) return '';
  if (event === 'drop-database') return object === undefined ? ` of ${toPrintable(database)}` : '';
  return object !== undefined && isQualified(object) ? '' : ` in ${toPrintable(database)}`;
}

function isMeant({ kind, database, tables }: LogEvent, { object, database: own }: WantedEvent): boolean {
  if (kind === 'drop-database') return (object ?? own) === undefined || database.name === (object ?? own);
  const isOwn = own === undefined || database.name === own;
  if (object === undefined) return isOwn;
  // a partition that is dropped is not the table that it was part of
  const namesOf = ({ name, partOf = [] }: EventTable) => (kind === 'drop-table' ? [name] : [name, ...partOf]);
  return tables
    .flatMap(namesOf)
    .some((name) => name !== undefined && ((isOwn && name === object) || `${database.name}.${name}` === object));
}

/** Whether it cannot be ruled out by what is unknown about it. */
function mayBeMeant({ kind, database, tables }: LogEvent, { object, database: own }: WantedEvent): boolean {
  if (kind === 'drop-database') return database.name === undefined;
  const isNamedIn = object !== undefined && database.name !== undefined && object.startsWith(`${database.name}.`);
  const mayBeIn = database.name === undefined || own === undefined || database.name === own || isNamedIn;
  if (!mayBeIn || object === undefined) return mayBeIn;
  return tables.every(
    ({ name }) =>
      name === undefined || (database.name === undefined && (name === object || object.endsWith(`.${name}`))),
  );
}

/** `shop.public.orders` */
function isQualified(object: string): boolean {
  return object.split('.').length > 2;
}

/** The database in which the event must have happened, or that it must be about. @returns undefined for any. */
export function expectedDatabase(event: LogEvent, { object, database }: WantedEvent): string | undefined {
  if (event.database.name !== undefined) return event.database.name;
  if (event.kind === 'drop-database') return object ?? database;
  return object !== undefined && isQualified(object) ? undefined : database;
}

/** Earlier losses from the same tables that a recovery to just before an event still replays. @returns undefined if there are none. */
export function describeEarlier(events: readonly LogEvent[], chosen: LogEvent): string | undefined {
  const earlier = events.slice(0, events.indexOf(chosen)).filter((one) => isOfSameTable(one, chosen));
  const [first] = earlier;
  if (!first) return undefined;
  return describeEarlierLosses(earlier.map(describeEvent), `lsn=${first.stopLsn}`);
}

function isOfSame(one: LogEvent, other: LogEvent): boolean {
  if (one.kind !== 'drop-database' || other.kind !== one.kind) return isOfSameTable(one, other);
  const [a, b] = [one.database, other.database];
  return a.name === undefined || b.name === undefined ? a.oid === b.oid : a.name === b.name; // it may have been created again
}

function isOfSameTable(one: LogEvent, other: LogEvent): boolean {
  if (one.kind === 'drop-database' || one.database.oid !== other.database.oid) return false;
  return one.tables.some((a) =>
    other.tables.some((b) => a.filenode === b.filenode || (a.name !== undefined && a.name === b.name)),
  );
}

/** `DROP TABLE public.orders in shop, transaction 773, committed 27 Nov 2026, 03:10:00.250 UTC, at 0/76C2E30`. */
export function describeEvent(event: LogEvent): string {
  const { xid, committedAt, lsn, batches } = event;
  const when = committedAt === undefined ? 'not committed in this log' : `committed ${formatExactInstant(committedAt)}`;
  const until = batches?.until === undefined ? '' : `, the last committed ${formatExactInstant(batches.until)}`;
  const more = batches ? `, the first of ${formatCount(batches.count)} transactions${until}` : '';
  return `${describeStatement(event)}, transaction ${xid}, ${when}, at ${lsn}${more}`;
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

function describeTable(kind: DestructiveEvent, { name, filenode, rows, tableRows }: EventTable): string {
  const what = name === undefined ? `the table with file ${filenode}` : toPrintable(name);
  if (rows === undefined) return what;
  const count = `${formatCount(rows)} row${rows === 1 ? '' : 's'}`;
  if (kind !== 'mass-delete') return `${what} (about ${count})`;
  return `${count} of ${what}${tableRows ? ` (of about ${formatCount(tableRows)})` : ''}`;
}

/** What a recovery to just before it loses. */
export function describeLoss({ commitsAfter, batches }: Pick<LogEvent, 'commitsAfter' | 'batches'>): string {
  return describeOthersLost(commitsAfter - (batches?.count ?? 1));
}
