import { DESTRUCTIVE_EVENTS } from '../engines/format.ts';
import type { FoundEvent, FoundEvents, LostObject, NamedInLog } from '../engines/log-events.ts';
import type { BackupForEvent } from '../run/backup-for-event.ts';
import { formatInstant } from '../support/instants.ts';
import { formatCount } from '../support/quantities.ts';
import { toShell } from '../support/shell.ts';
import { printable } from './style.ts';

const STATEMENTS: Readonly<Record<FoundEvent['kind'], string>> = {
  'drop-database': 'DROP DATABASE',
  'drop-table': 'DROP TABLE',
  truncate: 'TRUNCATE',
  'mass-delete': 'DELETE',
  'drop-column': 'ALTER TABLE',
  'drop-partition': 'ALTER TABLE',
  'rename-table': 'RENAME TABLE',
  'mass-update': 'UPDATE',
};

const MAX_OBJECTS = 5;

/** Lines for each event, including the command that recovers to just before it; generated one at a time, as there may be tens of thousands. */
export function* formatEvents(
  found: FoundEvents,
  drillFile: string,
  minRows: number | undefined,
  suggestion: (event: FoundEvent) => BackupForEvent = () => ({ kind: 'latest' }),
): Generator<string> {
  const { events, notSearched, notCounted, notes = [] } = found;
  const targetOf = targetsAmong(events, minRows);
  for (const event of events) {
    const from = suggestion(event);
    const begin = from.kind === 'older' ? ['--backup', from.key] : [];
    yield `${event.at ? formatSecond(event.at) : 'not committed'}  ${describeEvent(event)}`;
    yield `    ${describeTransaction(event)} at ${event.position}; ${describeLost(event)}${from.kind === 'none' ? '; every backup is newer, so no recovery leads there' : ''}`;
    if (from.kind !== 'none')
      yield `    ${toShell(['firedrill', 'run', drillFile, '--to', targetOf(event), ...begin])}`;
  }
  if (events.length === 0) yield 'nothing found: no dropped database or table, no TRUNCATE, no mass DELETE';
  if (notCounted !== undefined) yield `NOTE: not listed: ${printable(notCounted)}`;
  for (const sentence of notes) yield `NOTE: ${printable(sentence)}`;
  for (const sentence of notSearched) yield `WARNING: not searched: ${printable(sentence)}`;
}

/** `27 Nov 2026, 03:10:00 UTC`, with seconds, since several events may fall within a minute. */
function formatSecond(at: Date): string {
  return formatInstant(at).replace(/(?<=\d\d:\d\d)/, at.toISOString().slice(16, 19));
}

/** The same as JSON. @param target from {@link targetsAmong}. */
export function eventToJson(
  event: FoundEvent,
  target: string,
  suggestion: (event: FoundEvent) => BackupForEvent = () => ({ kind: 'latest' }),
): unknown {
  const from = suggestion(event);
  const { kind, at, transaction, transactions = 1, position, database, objects, moreObjects = 0, othersLost } = event;
  const known = (one: NamedInLog) => ({
    name: one.name ?? null,
    number: one.number ?? null,
    knownBy: one.name === undefined ? 'number' : 'name',
  });
  return {
    type: 'event',
    kind,
    at: at ?? null,
    transaction,
    transactions,
    position,
    stopBefore: positionOf(event),
    database: known(database),
    objects: objects.map((one) => ({
      ...known(one),
      rows: one.rows ?? null,
      tableRows: one.tableRows ?? null,
      ...(one.parts ? { parts: one.parts } : {}),
    })),
    moreObjects,
    othersLost,
    to: target,
    backup: from.kind === 'older' ? from.key : null,
    isBeforeBackups: from.kind === 'none',
  };
}

/**
 * Targets for `--to`: by name if that identifies the event, else by position. There may be tens of thousands of events.
 * @param events all that were found: a name refers to the last event, provided that all names are known.
 */
export function targetsAmong(
  events: readonly FoundEvent[],
  minRows: number | undefined,
): (event: FoundEvent) => string {
  const last = new Map(
    events.flatMap((event) => allNamesOf(event).map((name) => [`${event.kind} ${name}`, event] as const)),
  );
  const vague = new Set(events.flatMap(({ kind, moreObjects = 0 }) => (moreObjects > 0 ? [kind] : [])));
  return (event) => {
    const name = isTarget(event.kind) && !vague.has(event.kind) ? nameOf(event) : undefined;
    // names with special characters, such as a line break or a quote, are not suitable for typing
    if (name === undefined || last.get(`${event.kind} ${name}`) !== event || !/^[\w.$-]+$/.test(name))
      return `before ${Object.keys(event.stopBefore)[0]}=${positionOf(event)}`;
    return `before ${event.kind} ${name}${event.kind === 'mass-delete' && minRows !== undefined ? ` min ${minRows}` : ''}`;
  };
}

function positionOf({ stopBefore }: FoundEvent): string {
  return String(Object.values(stopBefore)[0]);
}

function isTarget(kind: FoundEvent['kind']): boolean {
  return DESTRUCTIVE_EVENTS.some((each) => each === kind);
}

function nameOf(event: FoundEvent): string | undefined {
  return allNamesOf(event)[0];
}

function allNamesOf({ kind, database, objects }: FoundEvent): readonly string[] {
  if (kind === 'drop-database') return database.name === undefined ? [] : [database.name];
  return objects.flatMap(({ name }) =>
    name === undefined ? [] : [database.name === undefined ? name : `${database.name}.${name}`],
  );
}

function describeEvent({ kind, database, objects, moreObjects = 0 }: FoundEvent): string {
  const where = printable(database.name ?? `the database with OID ${database.number}`);
  if (kind === 'drop-database') return `${STATEMENTS[kind]} ${where}`;
  const named = objects.slice(0, MAX_OBJECTS).map((one) => describeObject(kind, one));
  const unlisted = objects.length - named.length + moreObjects;
  const more = unlisted > 0 ? [`${formatCount(unlisted)} more table${unlisted === 1 ? '' : 's'}`] : [];
  return `${STATEMENTS[kind]} ${[...named, ...more].join(', ')} in ${where}`;
}

function describeTransaction({ transaction, transactions = 1 }: FoundEvent): string {
  return `transaction ${transaction}${transactions > 1 ? `, the first of ${formatCount(transactions)},` : ''}`;
}

function describeObject(kind: FoundEvent['kind'], { name, number, rows, tableRows, parts = [] }: LostObject): string {
  const what = printable(name ?? `the table with file ${number}`);
  const named = printable(parts.join(', '));
  if (kind === 'rename-table') return `${what} TO ${named}`;
  if (kind === 'drop-column') return `${what} DROP COLUMN ${named}`;
  if (kind === 'drop-partition') return `${what} DROP PARTITION ${named}`;
  if (kind === 'mass-update') return `of all rows of ${what}`;
  const count = rows === undefined ? '' : `${formatCount(rows)} row${rows === 1 ? '' : 's'}`;
  if (kind === 'mass-delete')
    return `of ${count || 'all rows'} of ${what}${tableRows ? ` (of about ${formatCount(tableRows)})` : ''}`;
  return count === '' ? what : `${what} (about ${count})`;
}

function describeLost({ othersLost }: FoundEvent): string {
  if (othersLost === 0) return 'no other transaction committed since';
  return `${formatCount(othersLost)} other transaction${othersLost === 1 ? '' : 's'} committed since`;
}
