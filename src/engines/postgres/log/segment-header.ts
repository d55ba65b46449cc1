/** The first page of a segment. Source: PostgreSQL's src/include/access/xlog_internal.h, XLogLongPageHeaderData. */

export const HEADER_BYTES = 40;
const LONG_HEADER = 0x0002;

/** @returns the segment size of this log in bytes, as stated in this segment; undefined for anything but the beginning of a segment. */
export function segmentBytesIn(first: Buffer): number | undefined {
  if (first.length < HEADER_BYTES || first[1] !== 0xd1 || (first.readUInt16LE(2) & LONG_HEADER) === 0) return undefined;
  const bytes = first.readUInt32LE(32);
  return bytes >= 2 ** 20 && bytes <= 2 ** 30 && (bytes & (bytes - 1)) === 0 ? bytes : undefined;
}

/** The first two bytes of a page of the log, which change with each major version. Source: xlog_internal.h, XLOG_PAGE_MAGIC. */
const MAJORS: ReadonlyMap<number, number> = new Map([
  [0xd101, 12],
  [0xd106, 13],
  [0xd10d, 14],
  [0xd110, 15],
  [0xd113, 16],
  [0xd116, 17],
  [0xd118, 18],
]);

/** @returns the server's major version; undefined for bytes that are not a log, or of an unknown version. */
export function majorIn(first: Buffer): number | undefined {
  return first.length < HEADER_BYTES ? undefined : MAJORS.get(first.readUInt16LE(0));
}

export function systemIdentifierIn(first: Buffer): bigint {
  return first.readBigUInt64LE(24);
}

/**
 * Checks a segment against its name and the log that it should be part of. Its records are checked when they are replayed.
 * @returns what is wrong with it, as text that follows its name; undefined for a segment that looks right.
 */
export function explainSegment(
  bytes: Buffer,
  expected: {
    readonly timeline: number;
    readonly number: number;
    readonly segmentBytes: number;
    readonly system: bigint;
  },
): string | undefined {
  return explainLength(bytes.length, expected.segmentBytes) ?? explainHeader(bytes, expected);
}

/** Like {@link explainSegment}, from the length alone. */
export function explainLength(length: number, segmentBytes: number): string | undefined {
  if (length === segmentBytes) return undefined;
  const found = length > segmentBytes ? `more than ${segmentBytes}` : String(length);
  return `has ${found} bytes, and segments of this log have ${segmentBytes}`;
}

/** Like {@link explainSegment}, from the first bytes. */
export function explainHeader(bytes: Buffer, expected: Parameters<typeof explainSegment>[1]): string | undefined {
  const { segmentBytes } = expected;
  if (segmentBytesIn(bytes) !== segmentBytes) return 'does not begin like a log segment';
  if (systemIdentifierIn(bytes) !== expected.system) return 'belongs to another database cluster';
  if (bytes.readBigUInt64LE(8) !== BigInt(expected.number) * BigInt(segmentBytes))
    return 'holds another part of the log';
  // the first segment of a timeline starts as a copy of the one before
  if (bytes.readUInt32LE(4) > expected.timeline) return `is on timeline ${bytes.readUInt32LE(4)}`;
  return undefined;
}
