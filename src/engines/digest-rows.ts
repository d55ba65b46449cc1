import { DrillError } from '../support/errors.ts';
import type { DigestRow, DigestTable } from './fingerprint.ts';
import type { Cell, QueryResult } from './query-result.ts';

/**
 * Reads the rows of a digest query, one for each bucket: the bucket, its number of rows, how many of them were hashed, the sums of their hashes, and for each
 * nullable column how many values are not NULL.
 * @param sums number of hash sums per row.
 * @throws DrillError `check-malformed` if a row could not be hashed: it would count as equal to anything.
 */
export function readDigestRows(table: DigestTable, { rows }: QueryResult, sums: number): readonly DigestRow[] {
  const nullable = table.columns.filter((column) => column.nullable);
  return rows.flatMap(([bucket, count, hashed, ...rest]) => {
    const rowCount = toInteger(count);
    if (rowCount === 0n) return [];
    if (toInteger(hashed) !== rowCount) throw tooLong(table.name, rowCount - toInteger(hashed));
    const hash = rest.slice(0, sums).map((sum) => BigInt.asUintN(64, toInteger(sum)).toString(16).padStart(16, '0'));
    const filled = nullable.map(({ name }, index) => [name, toInteger(rest[sums + index])] as const);
    return [{ bucket: Number(bucket), rows: rowCount, hash: hash.join(''), filled: Object.fromEntries(filled) }];
  });
}

function toInteger(cell: Cell | undefined): bigint {
  return cell === null || cell === undefined ? 0n : BigInt(String(cell));
}

function tooLong(table: string, count: bigint): DrillError {
  return new DrillError('check-malformed', `${count} rows of ${table} are too long to be hashed by the server`, {
    hint: 'Raise `max_allowed_packet` of the server, or leave the table out with `exclude`.',
  });
}
