import type { Damage, DamagedTable } from '../../damage.ts';
import { quoteIdentifier } from './dump-names.ts';

/** Rows are identified by `tableoid` and `ctid`, so that partitioned tables and tables without a key can be damaged, too. */
export function damageStatement({ table: { sql } }: DamagedTable, damage: Damage): string {
  if (damage.kind === 'empty') return `DELETE FROM ${sql}`;
  if (damage.kind === 'lose') {
    // by a hash of the location: anywhere in the table, and the same rows each time
    const chosen = `SELECT tableoid, ctid FROM ${sql} ORDER BY pg_catalog.md5(ctid::text) LIMIT ${damage.rows}`;
    return `DELETE FROM ${sql} WHERE (tableoid, ctid) IN (${chosen})`;
  }
  const column = quoteIdentifier(damage.column);
  if (damage.kind === 'null') return `UPDATE ${sql} SET ${column} = NULL WHERE ${column} IS NOT NULL`;
  return `
WITH one AS MATERIALIZED (SELECT tableoid AS part, ctid AS place, ${column} AS value FROM ${sql} WHERE ${column} IS NOT NULL LIMIT 1),
     two AS MATERIALIZED (SELECT t.tableoid AS part, t.ctid AS place, t.${column} AS value FROM ${sql} AS t, one
                           WHERE t.${column}::text <> one.value::text LIMIT 1),
     swapped AS (SELECT one.part, one.place, two.value FROM one, two UNION ALL SELECT two.part, two.place, one.value FROM one, two)
UPDATE ${sql} AS t SET ${column} = swapped.value FROM swapped WHERE t.tableoid = swapped.part AND t.ctid = swapped.place`;
}
