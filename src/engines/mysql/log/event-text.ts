import { formatDay, formatExactInstant } from '../../../support/instants.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import { describeOthersLost, STATEMENTS } from '../../event-words.ts';
import type { EventTable, LogEvent, TransactionMark } from './event-found.ts';
import { nameTransaction } from './transaction.ts';

const VERBS: Readonly<Record<LogEvent['kind'], string>> = {
  ...STATEMENTS,
  'drop-column': 'ALTER TABLE',
  'drop-partition': 'ALTER TABLE',
  'rename-table': 'RENAME TABLE',
  'mass-update': 'UPDATE of all rows of',
};

/** `DROP TABLE shop.orders, transaction 0-1-28, committed 2026-11-27T03:10:00Z, at binlog.000003:10504`. */
export function describeEvent(event: LogEvent): string {
  const { transaction, transactions } = event;
  const more = transactions > 1 ? `, the first of ${formatCount(transactions)} transactions` : '';
  return `${describeStatement(event)}, transaction ${nameTransaction(transaction)}${more}, committed ${formatMicros(transaction)}, at ${formatPosition(transaction)}`;
}

/** `binlog.000003:10504`: the start of a transaction. */
export function formatPosition({ file, at }: Pick<TransactionMark, 'file' | 'at'>): string {
  return `${file}:${at}`;
}

/** `27 Nov 2026, 03:10:07.250417 UTC`; if the log records only seconds, `27 Nov 2026, 03:10:07 UTC`. */
export function formatMicros({
  committedAtMicros,
  hasMicros,
}: Pick<TransactionMark, 'committedAtMicros' | 'hasMicros'>): string {
  const at = new Date(Math.floor(committedAtMicros / 1_000_000) * 1000);
  if (!hasMicros) return formatExactInstant(at);
  return `${formatDay(at)}, ${at.toISOString().slice(11, 19)}.${String(committedAtMicros % 1_000_000).padStart(6, '0')} UTC`;
}

function describeStatement({ kind, database, tables, moreTables }: LogEvent): string {
  if (kind === 'drop-database') return `DROP DATABASE ${toPrintable(database)}`;
  const listed = tables.slice(0, MAX_TABLES).map((table) => describeTable(kind, database, table));
  const unlisted = tables.length - listed.length + moreTables;
  const more = unlisted > 0 ? [`${formatCount(unlisted)} more table${unlisted === 1 ? '' : 's'}`] : [];
  const verb = kind === 'mass-delete' ? verbOf(tables) : VERBS[kind];
  return `${verb} ${[...listed, ...more].join(', ')}`;
}

function verbOf(tables: readonly EventTable[]): string {
  return tables.every(({ rows }) => rows === undefined) ? 'DELETE of all rows of' : 'DELETE of';
}

const MAX_TABLES = 5;

function describeTable(kind: LogEvent['kind'], database: string, { name, rows, parts }: EventTable): string {
  const what = toPrintable(`${database}.${name}`);
  const named = toPrintable(parts.join(', '));
  if (kind === 'rename-table') return `${what} TO ${named}`;
  if (kind === 'drop-column') return `${what} DROP COLUMN ${named}`;
  if (kind === 'drop-partition') return `${what} DROP PARTITION ${named}`;
  return rows === undefined ? what : `${formatCount(rows)} row${rows === 1 ? '' : 's'} of ${what}`;
}

/** What a recovery to just before it loses. */
export function describeLoss({ commitsAfter, transactions }: Pick<LogEvent, 'commitsAfter' | 'transactions'>): string {
  return describeOthersLost(commitsAfter - transactions);
}
