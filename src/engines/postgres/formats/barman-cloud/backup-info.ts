import { versionFromNumber } from '../../major.ts';
import { type BackupLabel, readBackupLabel } from '../../recovery/backup-label.ts';
import type { Tablespace } from '../../recovery/physical-backup.ts';
import { type PythonValue, readPythonLiteral } from './python-literal.ts';

/** What `backup.info` states about a backup. Source: Barman's barman/infofile.py, class BackupInfo: one `key=value` per line. */
export interface BackupInfo {
  /** `DONE`, `FAILED`, `STARTED`, … */
  readonly status: string;
  /** The tool's error message, for a failed backup. */
  readonly error: string | undefined;
  /** Version of the server: `17.12`. */
  readonly version: string | undefined;
  readonly label: Pick<BackupLabel, 'startLsn' | 'startSegment' | 'timeline'> | undefined;
  /** The last segment needed to make the backup consistent. */
  readonly endSegment: string | undefined;
  readonly tablespaces: readonly Tablespace[];
  /** For an incremental backup: the backup that it builds on. */
  readonly parent: string | undefined;
  /** For a backup that consists of disk snapshots: who took them, such as `aws`. */
  readonly snapshots: string | undefined;
  /** How the program of a Barman server copied the files, such as `rsync-concurrent`; barman-cloud-backup leaves it out. */
  readonly serverMode: string | undefined;
}

/** @returns undefined for a text that is not a `backup.info`. */
export function readBackupInfo(text: string): BackupInfo | undefined {
  const fields = new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      const [key, value] = [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()];
      return !/^\w+$/.test(key) || value === 'None' || value === '' ? [] : [[key, value]];
    }),
  );
  const status = fields.get('status');
  if (status === undefined || !/^[A-Z_]{1,30}$/.test(status)) return undefined;
  const literal = (key: string) => readPythonLiteral(fields.get(key) ?? '');
  const endSegment = fields.get('end_wal');
  return {
    status,
    error: fields.get('error'),
    version: versionFromNumber(fields.get('version') ?? ''),
    label: readLabel(literal('backup_label'), fields),
    endSegment: endSegment !== undefined && SEGMENT.test(endSegment) ? endSegment : undefined,
    tablespaces: readTablespaces(literal('tablespaces')),
    parent: fields.get('parent_backup_id'),
    snapshots: readSnapshots(fields.get('snapshots_info')),
    serverMode: /^(?:rsync|postgres|local)\b/.test(fields.get('mode') ?? '') ? fields.get('mode') : undefined,
  };
}

const SEGMENT = /^[0-9A-F]{24}$/;
const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

/** The label itself is only stored for a non-exclusive backup; its fields always are. */
function readLabel(label: PythonValue | undefined, fields: ReadonlyMap<string, string>): BackupInfo['label'] {
  const read = typeof label === 'string' ? readBackupLabel(label) : undefined;
  if (read) return read;
  const [startLsn = '', startSegment = ''] = [fields.get('begin_xlog'), fields.get('begin_wal')];
  if (!LSN.test(startLsn) || !SEGMENT.test(startSegment)) return undefined;
  return { startLsn, startSegment, timeline: Number.parseInt(startSegment.slice(0, 8), 16) };
}

/** `[('space', 16385, '/srv/space')]` */
function readTablespaces(value: PythonValue | undefined): readonly Tablespace[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: PythonValue) => {
    const [, oid, location] = Array.isArray(each) ? (each as readonly PythonValue[]) : [];
    const isOid = typeof oid === 'number' && oid > 0 && oid <= 0xffff_ffff;
    return isOid && typeof location === 'string' ? [{ oid: String(oid), location }] : [];
  });
}

/** A mapping that names the provider; it is not parsed further. */
function readSnapshots(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return /'provider': '(\w{1,20})'/.exec(text)?.[1] ?? 'a cloud provider';
}
