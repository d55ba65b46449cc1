/** Lines of pg_waldump, in English and in UTC. Source: PostgreSQL's src/bin/pg_waldump/pg_waldump.c, XLogDumpDisplayRecord. */
export interface LogLine {
  /** The resource manager: `Heap`. */
  readonly manager: string;
  /** Length of the record in bytes. */
  readonly bytes: number;
  /** `0` if the record does not belong to a transaction. */
  readonly xid: string;
  /** Where the record starts: `0/76C2858`. */
  readonly lsn: string;
  readonly description: string;
}

const RECORD =
  /^rmgr: (\w+)\s+len \(rec\/tot\):\s*\d+\/\s*(\d+), tx:\s*(\d+), lsn: ([0-9A-F]+\/[0-9A-F]+), prev [^,]+, desc: (.*)$/;

/** @returns undefined for a line that is not a record. */
export function readLogLine(line: string): LogLine | undefined {
  const [, manager, bytes = '0', xid = '0', printed = '', description = ''] = RECORD.exec(line) ?? [];
  if (manager === undefined) return undefined;
  return { manager, bytes: Number(bytes), xid, lsn: formatLsn(parseLsn(printed)), description };
}

const LOW_PART = 0x1_0000_0000;

/** Converts a log position to bytes. */
export function parseLsn(lsn: string): number {
  const [high = 0, low = 0] = lsn.split('/').map((part) => Number.parseInt(part, 16));
  return high * LOW_PART + low;
}

/** `0/76C2858`, without the zeros that some versions print before the second part. */
export function formatLsn(position: number): string {
  return [Math.floor(position / LOW_PART), position % LOW_PART]
    .map((part) => part.toString(16).toUpperCase())
    .join('/');
}
