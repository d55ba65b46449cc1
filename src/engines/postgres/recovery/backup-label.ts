/** What backup_label states: where replay starts. Source: PostgreSQL's src/backend/access/transam/xlogbackup.c, build_backup_content. */
export interface BackupLabel {
  /** Where replay starts: `0/2000028`. */
  readonly startLsn: string;
  /** The segment that contains it: `000000010000000000000002`. */
  readonly startSegment: string;
  readonly timeline: number;
  /** As the server writes it, in its own time zone: `2026-11-28 03:00:01 UTC`. */
  readonly startedAt: string;
  /** For an incremental backup: where the backup started that it builds on. */
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
