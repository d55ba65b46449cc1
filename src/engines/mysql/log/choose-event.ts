import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { describeEarlierLosses, describeOthersMeant, noSuchEvent, severalTables } from '../../event-words.ts';
import type { DestructiveEvent } from '../../format.ts';
import type { LogEvent } from './event-found.ts';
import { describeEvent, formatPosition } from './event-text.ts';
import { KEPT_TABLES } from './token-reader.ts';

/** The event that recovery should stop just before. */
export interface WantedEvent {
  readonly event: DestructiveEvent;
  /** `shop` for a database, `shop.orders` for a table. undefined: any object. */
  readonly object: string | undefined;
  /** The database that the drill is about: events in others do not count, unless the object names one of them. */
  readonly database: string | undefined;
}

/**
 * Returns the last event of that kind and name. Names are compared exactly, and case-insensitively only if no name matches exactly: many servers store them in
 * lower case.
 * @param conditionalDeletes those in statement format, for which the log does not record how many rows they deleted.
 * @param unknown what may hide one: how many statements deleted rows on a condition, and whether a transaction named more tables than were read.
 * @throws DrillError `target-not-reached` when the log contains none, `target-ambiguous` for deletions from several tables if none is named.
 */
export function chooseEvent(
  events: readonly LogEvent[],
  wanted: WantedEvent,
  unknown: { readonly conditionalDeletes: number; readonly namesMoreTables: boolean } = NONE,
): LogEvent {
  const { event } = wanted;
  const ofKind = events.filter(({ kind }) => kind === event);
  const meant = meantAmong(ofKind, wanted);
  const chosen = meant.at(-1);
  if (chosen) {
    if (event === 'mass-delete') requireOneTable(meant, chosen, wanted);
    return chosen;
  }
  const others = ofKind.length > 0 ? ofKind : events;
  const details = [...others.slice(-5).map(describeEvent), ...describeUnknown(wanted, unknown)];
  throw noSuchEvent(wanted, { scope: describeScope(wanted), others: others.length, details });
}

const NONE = { conditionalDeletes: 0, namesMoreTables: false };

function describeUnknown(
  { event }: WantedEvent,
  { conditionalDeletes, namesMoreTables }: typeof NONE,
): readonly string[] {
  const lines: string[] = [];
  if (event === 'mass-delete' && conditionalDeletes > 0)
    lines.push(
      `${formatCount(conditionalDeletes)} DELETE with a condition: the log has the statements only, and not how many rows they deleted`,
    );
  if (event !== 'drop-database' && namesMoreTables)
    lines.push(
      `a transaction that names more than ${formatCount(KEPT_TABLES)} tables, of which the others were not looked at`,
    );
  return lines;
}

function meantAmong(events: readonly LogEvent[], wanted: WantedEvent): readonly LogEvent[] {
  const asWritten = events.filter((one) => one.kind === wanted.event && isMeant(one, wanted, (name) => name));
  return asWritten.length > 0 ? asWritten : events.filter((one) => mayBeMeant(one, wanted));
}

function requireOneTable(meant: readonly LogEvent[], chosen: LogEvent, wanted: WantedEvent): void {
  if (wanted.object !== undefined || meant.every((one) => isOfSame(one, chosen))) return;
  const [table] = chosen.tables;
  throw severalTables(describeScope(wanted), meant.map(describeEvent), {
    table: table && `${chosen.database}.${table.name}`,
    stopBefore: `position=${formatPosition({ file: chosen.stop.file, at: chosen.stop.position })}`,
  });
}

/** For a target without an object: what else the same statement destroyed. @returns undefined: nothing. */
export function describeOthers(events: readonly LogEvent[], chosen: LogEvent, wanted: WantedEvent): string | undefined {
  if (wanted.object !== undefined) return undefined;
  const others = meantAmong(events, wanted).filter((one) => !isOfSame(one, chosen));
  return others.length === 0 ? undefined : describeOthersMeant(others.map(describeEvent));
}

function describeScope({ event, object, database }: WantedEvent): string {
  if (database === undefined || object !== undefined) return '';
  return event === 'drop-database' ? ` of ${toPrintable(database)}` : ` in ${toPrintable(database)}`;
}

/** Whether an event may be the wanted one. */
export function mayBeMeant(event: Pick<LogEvent, 'kind' | 'database' | 'tables'>, wanted: WantedEvent): boolean {
  return event.kind === wanted.event && isMeant(event, wanted, (name) => name.toLowerCase());
}

function isMeant(
  { kind, database, tables }: Pick<LogEvent, 'kind' | 'database' | 'tables'>,
  wanted: WantedEvent,
  fold: (name: string) => string,
): boolean {
  const own = wanted.database === undefined || fold(database) === fold(wanted.database);
  if (wanted.object === undefined) return own;
  const object = fold(wanted.object);
  if (kind === 'drop-database') return fold(database) === object;
  return tables.some(({ name }) => fold(`${database}.${name}`) === object || (own && fold(name) === object));
}

/** Earlier losses in the same tables that a recovery to just before the event has already replayed. @returns undefined: none. */
export function describeEarlier(events: readonly LogEvent[], chosen: LogEvent): string | undefined {
  const earlier = events.slice(0, events.indexOf(chosen)).filter((one) => isOfSame(one, chosen));
  const [first] = earlier;
  if (!first) return undefined;
  const stopBefore = `position=${formatPosition({ file: first.stop.file, at: first.stop.position })}`;
  return describeEarlierLosses(earlier.map(describeEvent), stopBefore);
}

/** Kinds of events that lose rows. */
const LOSSES: ReadonlySet<LogEvent['kind']> = new Set(['drop-database', 'drop-table', 'truncate', 'mass-delete']);

function isOfSame(one: LogEvent, other: LogEvent): boolean {
  if (!LOSSES.has(one.kind) || one.database !== other.database) return false;
  if (one.kind === 'drop-database' || other.kind === 'drop-database') return one.kind === other.kind;
  const names = new Set(other.tables.map(({ name }) => name));
  return one.tables.some(({ name }) => names.has(name));
}
