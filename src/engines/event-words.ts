import { DrillError } from '../support/errors.ts';
import { formatExactInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import { formatCount } from '../support/quantities.ts';
import { toShell } from '../support/shell.ts';
import type { DestructiveEvent, LogPosition, RecoveryTarget } from './format.ts';

/** Wording for events found in a log, shared by all products. */

export const STATEMENTS: Readonly<Record<DestructiveEvent, string>> = {
  'drop-database': 'DROP DATABASE',
  'drop-table': 'DROP TABLE',
  truncate: 'TRUNCATE',
  'mass-delete': 'DELETE of many rows',
};

/** `the end of the log archive`; follows "recovered to". */
export function describeTarget(target: RecoveryTarget): string {
  switch (target.kind) {
    case 'latest':
      return 'the end of the log archive';
    case 'backup-end':
      return 'the end of the backup';
    case 'time':
      return formatExactInstant(target.at);
    case 'random':
      return 'a random instant';
    case 'position':
      return `${target.exclusive ? 'just before ' : ''}${describePosition(target.at)}`;
    case 'before':
      return `just before ${STATEMENTS[target.event]}${target.object === undefined ? '' : ` of ${toPrintable(target.object)}`}`;
  }
}

function describePosition(at: LogPosition): string {
  if ('lsn' in at) return `the position ${at.lsn}`;
  if ('position' in at) return `the position ${toPrintable(at.position)}`;
  if ('xid' in at) return `the transaction ${at.xid}`;
  return 'gtid' in at ? `the transaction ${toPrintable(at.gtid)}` : `the restore point ${toPrintable(at.name)}`;
}

/**
 * `target-not-reached`: no event to stop before.
 * @param scope ` in shop`, or empty. @param others events found instead. @param details one line each.
 */
export function noSuchEvent(
  { event, object }: { readonly event: DestructiveEvent; readonly object: string | undefined },
  { scope, others, details }: { readonly scope: string; readonly others: number; readonly details: readonly string[] },
): DrillError {
  const what = object === undefined ? '' : ` of ${toPrintable(object)}`;
  return new DrillError('target-not-reached', `the log since the backup holds no ${STATEMENTS[event]}${what}${scope}`, {
    hint:
      others > 0
        ? 'The name is misspelled, or the event happened in another database or before the backup: `firedrill events` lists what the log contains.'
        : 'It happened before the backup or after the end of the archive: choose another backup with `--backup`.',
    details,
  });
}

const MAX_LISTED = 5;

/**
 * `target-ambiguous`: rows were deleted en masse from several tables. That may be a purge or an accident, so the last one is not simply chosen.
 * @param scope ` in shop`, or empty. @param events descriptions, the last event last. @param table of the last one: `shop.public.orders`, if its name is known.
 */
export function severalTables(
  scope: string,
  events: readonly string[],
  { table, stopBefore }: { readonly table: string | undefined; readonly stopBefore: string },
): DrillError {
  const target = table === undefined ? `before ${stopBefore}` : `before mass-delete ${toPrintable(table)}`;
  return new DrillError(
    'target-ambiguous',
    `the log since the backup holds deletions of many rows of several tables${scope}, and the target names none of them`,
    {
      hint: `Name the table in \`recover.to.object\`, or with \`--to\`. For the last one: \`--to ${quoteTarget(target)}\`.`,
      details: events.slice(-MAX_LISTED),
    },
  );
}

/** Events of the same kind that a target without an object could also mean. @param others descriptions, the last event last. */
export function describeOthersMeant(others: readonly string[]): string {
  const listed = others.slice(-MAX_LISTED);
  const more = others.length > MAX_LISTED ? [`${formatCount(others.length - MAX_LISTED)} earlier`] : [];
  return `the target names no object, so recovery stopped before the last event; others were: ${[...listed, ...more].join('; ')}`;
}

/**
 * Earlier losses from the same tables that a recovery to just before an event still replays.
 * @param earlier their descriptions. @param stopBefore the position of the first, as `--to` takes it:
 * `lsn=0/76C2858`.
 */
export function describeEarlierLosses(earlier: readonly string[], stopBefore: string): string {
  const listed = earlier.slice(0, MAX_LISTED);
  const more = earlier.length > MAX_LISTED ? [`${formatCount(earlier.length - MAX_LISTED)} more`] : [];
  return `the copy lacks what was removed earlier: ${[...listed, ...more].join('; ')}; to stop before the first, use --to ${quoteTarget(`before ${stopBefore}`)}`;
}

/** Quoted for pasting into a shell: names in it come from the log, and may be commands. */
function quoteTarget(target: string): string {
  return /^[\w .,:/=-]+$/.test(target) ? `"${target}"` : toShell([target]);
}

/** What a recovery to just before an event loses. @param others number of other transactions that committed from there on. */
export function describeOthersLost(others: number): string {
  if (others <= 0) return 'no other transaction committed since';
  return `${formatCount(others)} other transaction${others === 1 ? '' : 's'} committed since, and ${others === 1 ? 'is' : 'are'} not in the copy`;
}
