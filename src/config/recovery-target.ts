import type { RecoveryTarget } from '../engines/format.ts';
import { formatDuration, parseDurationMs } from '../support/quantities.ts';
import type { Drill, RecoverSpec } from './drill-file.ts';
import { isInstant } from './instant.ts';

export const TARGET_EXAMPLES =
  'latest, backup-end, an instant such as 2026-11-27T03:10:00Z, or how long before the run, such as "10m before start"';

/** @returns what recovery is to stop at, or a message to follow the key. */
export function parseRecoverTo(text: string): RecoverSpec['to'] | string {
  if (text === 'latest' || text === 'backup-end') return { kind: text };
  if (isInstant(text)) return { kind: 'time', at: new Date(text) };
  const ago = /^(\S+) before start$/.exec(text)?.[1];
  const agoMs = ago === undefined ? undefined : parseDurationMs(ago);
  if (agoMs !== undefined) return { kind: 'ago', agoMs };
  const [, key = '', value = ''] = /^(lsn|xid|name)=(\S.*)$/.exec(text) ?? [];
  const position = key === '' ? undefined : parsePosition({ [key]: value });
  if (position !== undefined) return position;
  const before = /^before drop-database(?: (\S.*))?$/.exec(text);
  if (before) return { kind: 'before', event: 'drop-database', object: before[1] };
  const zone = isInstant(`${text}Z`) ? '; add its time zone, such as Z for UTC' : '';
  return `${JSON.stringify(text)} is not a recovery target: ${TARGET_EXAMPLES}${zone}`;
}

/** @returns a message for a position that cannot be one. */
export function parsePosition(given: {
  readonly lsn?: string | undefined;
  readonly xid?: string | undefined;
  readonly name?: string | undefined;
}): RecoveryTarget | string | undefined {
  const { lsn, xid, name } = given;
  if (lsn !== undefined)
    return /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/.test(lsn)
      ? { kind: 'position', at: { lsn: lsn.toUpperCase() } }
      : `${JSON.stringify(lsn)} is not a position in the log such as 0/76C2858`;
  if (xid !== undefined)
    return /^[1-9]\d{0,18}$/.test(xid)
      ? { kind: 'position', at: { xid } }
      : `${JSON.stringify(xid)} is not the number of a transaction`;
  if (name === undefined) return undefined;
  return Buffer.byteLength(name) < 64
    ? { kind: 'position', at: { name } }
    : 'is longer than the name of a restore point can be (63 bytes)';
}

/** @param startedAt of the run, which `10m before start` counts from. @param hasLog whether there is a log archive. */
export function targetOf(recover: RecoverSpec | undefined, hasLog: boolean, startedAt: Date): RecoveryTarget {
  if (!recover) return { kind: hasLog ? 'latest' : 'backup-end' };
  const { to } = recover;
  return to.kind === 'ago' ? { kind: 'time', at: new Date(startedAt.getTime() - to.agoMs) } : to;
}

/** `the end of the log archive`; of a drill of a backup with a log. @param hasLog whether there is a log archive. */
export function describeRecover({ recover }: Pick<Drill, 'recover'>, hasLog: boolean): string {
  const to: RecoverSpec['to'] = recover?.to ?? { kind: hasLog ? 'latest' : 'backup-end' };
  switch (to.kind) {
    case 'latest':
      return 'the end of the log archive';
    case 'backup-end':
      return 'the end of the backup';
    case 'time':
      return to.at.toISOString();
    case 'ago':
      return `${formatDuration(to.agoMs)} before the run`;
    case 'position':
      return Object.entries(to.at)
        .map(([key, value]) => `${key} ${value}`)
        .join('');
    case 'before':
      return `just before ${to.event}${to.object === undefined ? '' : ` of ${to.object}`}`;
  }
}
