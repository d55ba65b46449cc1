/** What backup_label says: where replay begins. Source: PostgreSQL's src/backend/access/transam/xlogbackup.c, build_backup_content. */
export interface BackupLabel {
  /** Where replay begins: `0/2000028`. */
  readonly startLsn: string;
  /** The segment that holds it: `000000010000000000000002`. */
  readonly startSegment: string;
  readonly timeline: number;
  /** The server's own words, in its time zone: `2026-11-28 03:00:01 UTC`. */
  readonly startedAt: string;
  /** Where the backup began that this one builds on, of one that holds only what changed since. */
  readonly basedOn: { readonly startLsn: string; readonly timeline: number } | undefined;
}

const LOCATION = /^START WAL LOCATION: ([0-9A-F]{1,8}\/[0-9A-F]{1,8}) \(file ([0-9A-F]{24})\)$/m;

/** @returns undefined for a text that is not a label. */
export function readBackupLabel(text: string): BackupLabel | undefined {
  const [, startLsn, startSegment] = LOCATION.exec(text) ?? [];
  if (startLsn === undefined || startSegment === undefined) return undefined;
  return {
    startLsn,
    startSegment,
    timeline: timelineOf(startSegment),
    startedAt: /^START TIME: ([\w :+-]{1,60})$/m.exec(text)?.[1] ?? '',
    basedOn: readBasedOn(text, startSegment),
  };
}

function readBasedOn(text: string, startSegment: string): BackupLabel['basedOn'] {
  const startLsn = /^INCREMENTAL FROM LSN: ([0-9A-F]{1,8}\/[0-9A-F]{1,8})$/m.exec(text)?.[1];
  const timeline = /^INCREMENTAL FROM TLI: (\d{1,10})$/m.exec(text)?.[1];
  if (startLsn === undefined) return undefined;
  return { startLsn, timeline: timeline === undefined ? timelineOf(startSegment) : Number(timeline) };
}

function timelineOf(segment: string): number {
  return Number.parseInt(segment.slice(0, 8), 16);
}
