import { drawIndex } from '../backup/selection/draw.ts';
import type { EngineDescriptor } from '../engines/engine-descriptor.ts';
import { DESTRUCTIVE_EVENTS, type RecoveryTarget } from '../engines/format.ts';
import { DrillError } from '../support/errors.ts';
import { formatExactInstant, missingZone, parseInstant } from '../support/instants.ts';
import { formatDuration, parseDurationMs } from '../support/quantities.ts';
import type { Drill, RecoverSpec } from './drill-file.ts';
import { listWords } from './fields.ts';

type PositionTarget = Extract<RecoveryTarget, { kind: 'position' }>;
export type BeforeTarget = Extract<RecoveryTarget, { kind: 'before' }>;

export const TARGET_EXAMPLES =
  'latest, backup-end, an instant such as 2026-11-27T03:10:00Z, "10m before start" of the run, or "random within 7d"';

/** @returns the recovery target, or an error message to append to the key. */
export function parseRecoverTo(text: string): RecoverSpec['to'] | string {
  if (text === 'latest' || text === 'backup-end') return { kind: text };
  const at = parseInstant(text);
  if (at) return { kind: 'time', at };
  const ago = /^(\S+) before start$/.exec(text)?.[1];
  const agoMs = ago === undefined ? undefined : parseDurationMs(ago);
  if (agoMs !== undefined) return { kind: 'ago', agoMs };
  const within = /^random within (\S+)$/.exec(text)?.[1];
  const withinMs = within === undefined ? undefined : parseDurationMs(within);
  if (withinMs !== undefined) return { kind: 'random', withinMs };
  const [, key = '', value = ''] = /^(lsn|xid|name|gtid|position)=(\S.*)$/.exec(text) ?? [];
  const position = key === '' ? undefined : parsePosition({ [key]: value });
  if (position !== undefined) return position;
  const exclusive = /^before (lsn|xid|gtid|position)=(\S.*)$/.exec(text);
  if (exclusive) {
    const at = parsePosition({ [exclusive[1] ?? '']: exclusive[2] });
    return typeof at === 'object' && at.kind === 'position' ? { ...at, exclusive: true } : (at ?? '');
  }
  if (/^before\b/.test(text)) return parseBeforeText(text);
  return `${JSON.stringify(text)} is not a recovery target: ${TARGET_EXAMPLES}${missingZone(text)}`;
}

/** `before drop-table public.orders`, `before mass-delete public.orders min 500`. */
function parseBeforeText(text: string): RecoverSpec['to'] | string {
  const [, event, object, min] =
    /^before\s+(\S+)(?:\s+(?!min\s+\d+$)(\S.*?))?(?:\s+min\s+(\d+))?$/.exec(text.trim()) ?? [];
  const known = DESTRUCTIVE_EVENTS.find((each) => each === event);
  if (known) return parseBefore({ event: known, object, minRows: min === undefined ? undefined : Number(min) });
  return `${JSON.stringify(text)} does not name what to stop before: ${DESTRUCTIVE_EVENTS.join(', ')}, such as "before drop-table public.orders"`;
}

/** @returns an error message if the object cannot have been dropped or deleted from. */
export function parseBefore({ event, object, minRows }: Omit<BeforeTarget, 'kind'>): BeforeTarget | string {
  if (minRows !== undefined && event !== 'mass-delete')
    return `takes a number of rows for mass-delete only, not for ${event}`;
  if (minRows === 0) return 'needs at least one row';
  if (event !== 'drop-database' && object !== undefined && !/^[^.]+\..*[^.]$/.test(object)) {
    const name = object.replaceAll('.', '') || 'orders';
    return `${JSON.stringify(object)} needs the table’s schema or database, such as public.${name} or shop.${name}`;
  }
  return { kind: 'before', event, object, ...(minRows === undefined ? {} : { minRows }) };
}

/** @returns an error message if it cannot be a position. */
export function parsePosition(given: {
  readonly lsn?: string | undefined;
  readonly xid?: string | undefined;
  readonly name?: string | undefined;
  readonly gtid?: string | undefined;
  readonly position?: string | undefined;
}): PositionTarget | string | undefined {
  const { lsn, xid, name, gtid, position } = given;
  if (lsn !== undefined)
    return /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/.test(lsn)
      ? { kind: 'position', at: { lsn: lsn.toUpperCase() } }
      : `${JSON.stringify(lsn)} is not a position in the log such as 0/76C2858`;
  if (xid !== undefined)
    return /^[1-9]\d{0,18}$/.test(xid)
      ? { kind: 'position', at: { xid } }
      : `${JSON.stringify(xid)} is not the number of a transaction`;
  if (gtid !== undefined)
    return GTID.test(gtid)
      ? { kind: 'position', at: { gtid: gtid.toLowerCase() } }
      : `${JSON.stringify(gtid)} is not the GTID of a transaction, such as 3e11fa47-71ca-11e1-9e33-c80aa9429562:23 (MySQL) or 0-1-23 (MariaDB)`;
  if (position !== undefined)
    return /^[^/\\]+\.\d{6,10}:\d{1,19}$/.test(position)
      ? { kind: 'position', at: { position } }
      : `${JSON.stringify(position)} is not a file of the log and a position in it, such as mysql-bin.000012:4711`;
  if (name === undefined) return undefined;
  return Buffer.byteLength(name) < 64
    ? { kind: 'position', at: { name } }
    : 'is longer than the name of a restore point can be (63 bytes)';
}

/** `UUID:NUMBER`, `UUID:TAG:NUMBER`, or `DOMAIN-SERVER-NUMBER`. */
const GTID =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:(?:[a-z_]\w{0,31}:)?[1-9]\d{0,18}|\d{1,10}-\d{1,10}-[1-9]\d{0,19})$/i;

/** @returns an error message if the product's log has no such positions. */
export function explainPosition(
  to: RecoverSpec['to'],
  { title, sql }: Pick<EngineDescriptor, 'title' | 'sql'>,
): string | undefined {
  if (to.kind !== 'position') return undefined;
  const logPositions = sql?.logPositions ?? [];
  if (logPositions.length === 0) return `${title} has no log to recover from`;
  const wrong = Object.keys(to.at).find((key) => !logPositions.some((known) => known === key));
  return wrong === undefined
    ? undefined
    : `${wrong} is not a position in the log of ${title}; it has ${listWords(logPositions, 'and')}`;
}

/** Number of distinct instants in a range. */
const DRAWS = 2 ** 32;

/** @param run the run; `10m before start` counts from its start, and its id seeds a random instant. @param hasLog whether there is a log archive. */
export function targetOf(
  recover: RecoverSpec | undefined,
  hasLog: boolean,
  { id, startedAt }: { readonly id: string; readonly startedAt: Date },
): RecoveryTarget {
  if (!recover) return { kind: hasLog ? 'latest' : 'backup-end' };
  const { to } = recover;
  if (to.kind === 'ago') return { kind: 'time', at: new Date(startedAt.getTime() - to.agoMs) };
  if (to.kind !== 'random') return to;
  const share = drawIndex(`${id} instant`, DRAWS) / DRAWS;
  return { kind: 'random', notBefore: new Date(startedAt.getTime() - to.withinMs), share };
}

/** @throws DrillError `target-in-future` for an instant after the start of the run, up to which no log can reach: the backup is not at fault. */
export function requirePast(recover: RecoverSpec | undefined, startedAt: Date): void {
  if (recover?.to.kind !== 'time' || recover.to.at <= startedAt) return;
  throw new DrillError(
    'target-in-future',
    `the recovery target ${formatExactInstant(recover.to.at)} is after the start of the run, ${formatExactInstant(startedAt)}`,
    { hint: 'Set `recover.to` (or `--to`) to an instant in the past, or to `latest`.' },
  );
}

/** The recovery target in words: `the end of the log archive`. @param hasLog whether there is a log archive. */
export function describeRecover({ recover }: Pick<Drill, 'recover'>, hasLog: boolean): string {
  const to: RecoverSpec['to'] = recover?.to ?? { kind: hasLog ? 'latest' : 'backup-end' };
  switch (to.kind) {
    case 'latest':
      return 'the end of the log archive';
    case 'backup-end':
      return 'the end of the backup';
    case 'time':
      return formatExactInstant(to.at);
    case 'random':
      return `a random instant within ${formatDuration(to.withinMs)}`;
    case 'ago':
      return `${formatDuration(to.agoMs)} before the run`;
    case 'position':
      return Object.entries(to.at)
        .map(([key, value]) => `${to.exclusive ? 'just before ' : ''}${key} ${value}`)
        .join('');
    case 'before':
      return `just before ${to.event}${to.object === undefined ? '' : ` of ${to.object}`}`;
  }
}
