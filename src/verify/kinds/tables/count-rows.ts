import { DrillError } from '../../../support/errors.ts';
import type { Probe } from '../../check-kind.ts';

/**
 * Counts a table's rows.
 * @param table quoted for SQL.
 * @param atMost stops counting there; undefined: counts all.
 * @returns what is wrong with the table, in words, if it cannot be read.
 */
export async function countRows(
  probe: Probe,
  table: string,
  { database, atMost }: { readonly database: string | undefined; readonly atMost: number | undefined },
): Promise<bigint | string> {
  const from = atMost === undefined ? table : `(SELECT 1 AS one FROM ${table} LIMIT ${Math.max(atMost, 1)}) AS few`;
  try {
    const { rows } = await probe.query(`SELECT COUNT(*) FROM ${from}`, { database, maxRows: 1 });
    return BigInt(String(rows[0]?.[0]));
  } catch (error) {
    if (error instanceof DrillError && error.code === 'wrong-data') return error.message;
    throw error;
  }
}
