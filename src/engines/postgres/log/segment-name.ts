/** Names and numbers of the log's segments. Source: PostgreSQL's src/include/access/xlog_internal.h, XLogFileName and XLByteToSeg. */

export interface Segment {
  /** `000000010000000000000002`: timeline, and position in two parts. */
  readonly name: string;
  readonly timeline: number;
  /** Its position in the log, in segments. */
  readonly number: number;
}

const LOG_ID_BYTES = 0x1_0000_0000;

/** @returns undefined for a name that is not a segment's. */
export function readSegmentName(name: string, segmentBytes: number): Segment | undefined {
  if (!/^[0-9A-F]{24}$/.test(name)) return undefined;
  const [timeline = 0, log = 0, segment = 0] = [0, 8, 16].map((at) => Number.parseInt(name.slice(at, at + 8), 16));
  return { name, timeline, number: log * (LOG_ID_BYTES / segmentBytes) + segment };
}

export function segmentName(timeline: number, number: number, segmentBytes: number): string {
  const perLogId = LOG_ID_BYTES / segmentBytes;
  return [timeline, Math.floor(number / perLogId), number % perLogId].map(toHex).join('');
}

/** The number of the segment that contains a position: `0/76C2858`. */
export function segmentNumberAt(lsn: string, segmentBytes: number): number {
  const [log = 0, offset = 0] = lsn.split('/').map((part) => Number.parseInt(part, 16));
  return log * (LOG_ID_BYTES / segmentBytes) + Math.floor(offset / segmentBytes);
}

function toHex(part: number): string {
  return part.toString(16).toUpperCase().padStart(8, '0');
}
