import { formatLsn } from '../log/log-line.ts';
import type { BackupLabel } from './backup-label.ts';

/** Where a server that was shut down starts again: the equivalent of a `backup_label`. */
export type StartPoint = Pick<BackupLabel, 'startLsn' | 'startSegment' | 'timeline'>;

/**
 * Offsets in `global/pg_control`, and the values expected there. Source: PostgreSQL's src/include/catalog/pg_control.h, ControlFileData and DBState, the same
 * from version 12 to 18 on 64-bit little-endian machines.
 */
const AT_STATE = 16;
const SHUT_DOWN: readonly number[] = [1, 2]; // DB_SHUTDOWNED, DB_SHUTDOWNED_IN_RECOVERY
const LAST_STATE = 6; // DB_IN_PRODUCTION
const AT_REDO = 40;
const AT_TIMELINE = 48;
/** PostgreSQL's own test of the layout: a `double` with this value. */
const AT_FLOAT = 208;
const FLOAT = 1_234_567;
const AT_SEGMENT_BYTES = 228;

/** How much of the file is needed. */
export const CONTROL_BYTES = AT_SEGMENT_BYTES + 4;

/**
 * @param control the beginning of `global/pg_control`.
 * @returns `running` for a server that was not shut down, undefined for a file that cannot be read.
 */
export function readStartPoint(control: Buffer): StartPoint | 'running' | undefined {
  if (control.length < CONTROL_BYTES || control.readDoubleLE(AT_FLOAT) !== FLOAT) return undefined;
  const state = control.readUInt32LE(AT_STATE);
  if (!SHUT_DOWN.includes(state)) return state <= LAST_STATE ? 'running' : undefined;
  const redo = Number(control.readBigUInt64LE(AT_REDO));
  const segmentBytes = control.readUInt32LE(AT_SEGMENT_BYTES);
  const timeline = control.readUInt32LE(AT_TIMELINE);
  if (redo === 0 || segmentBytes === 0 || timeline === 0) return undefined;
  const perLog = 2 ** 32 / segmentBytes;
  const number = Math.floor(redo / segmentBytes);
  const startSegment = [timeline, Math.floor(number / perLog), number % perLog].map(hex8).join('');
  return { startLsn: formatLsn(redo), startSegment, timeline };
}

function hex8(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}
