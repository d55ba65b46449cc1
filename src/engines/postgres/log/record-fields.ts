/** Fields of records that are read without decoding the whole record. */

/** The resource managers XLOG and Transaction. Source: PostgreSQL's src/include/access/rmgrlist.h. */
export const [XLOG, TRANSACTION] = [0, 1];

const EPOCH_MS = Date.UTC(2000, 0, 1);

/** A TimestampTz: microseconds since 2000. @returns undefined if the bytes end before it does. */
export function instantAt(bytes: Buffer, at: number): Date | undefined {
  return bytes.length < at + 8 ? undefined : new Date(EPOCH_MS + Number(bytes.readBigInt64LE(at) / 1000n));
}
