/** What backup_label says: where replay begins. Source: PostgreSQL's src/backend/access/transam/xlogbackup.c, build_backup_content. */
export interface BackupLabel {
  /** Where replay begins: `0/2000028`. */
  readonly startLsn: string;
  /** The segment that holds it: `000000010000000000000002`. */
  readonly startSegment: string;
  readonly timeline: number;
  /** The server's own words, in its time zone: `2026-11-28 03:00:01 UTC`. */
  readonly startedAt: string;
  /** The backup holds only the pages that changed since an earlier one. */
  readonly isIncremental: boolean;
}

const LOCATION = /^START WAL LOCATION: ([0-9A-F]{1,8}\/[0-9A-F]{1,8}) \(file ([0-9A-F]{24})\)$/m;

/** @returns undefined for a text that is not a label. */
export function readBackupLabel(text: string): BackupLabel | undefined {
  const [, startLsn, startSegment] = LOCATION.exec(text) ?? [];
  if (startLsn === undefined || startSegment === undefined) return undefined;
  return {
    startLsn,
    startSegment,
    timeline: Number.parseInt(startSegment.slice(0, 8), 16),
    startedAt: /^START TIME: ([\w :+-]{1,60})$/m.exec(text)?.[1] ?? '',
    isIncremental: /^INCREMENTAL FROM LSN: /m.test(text),
  };
}
