import type { AskCatalog, CatalogColumn, IntegerRange } from '../../catalog.ts';
import { readCatalogRows } from '../../server/catalog-cells.ts';
import { OF_USERS } from './user-schemas.ts';

const NUMERIC = 1700;
const INTEGER_BITS: Readonly<Record<number, bigint>> = { 21: 16n, 23: 32n, 20: 64n };
const TIMES: Readonly<Record<number, CatalogColumn['time']>> = { 1082: 'date', 1114: 'wall', 1184: 'absolute' };

/** Domains are resolved to their base type. */
export async function readColumns(ask: AskCatalog): Promise<readonly CatalogColumn[]> {
  const rows = await readCatalogRows(
    ask,
    'columns',
    `WITH RECURSIVE base(oid, type, modifier) AS (
       SELECT t.oid, t.oid, -1 FROM pg_type t WHERE t.typtype <> 'd'
       UNION ALL
       SELECT t.oid, b.type, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.modifier END
         FROM base b JOIN pg_type t ON t.typbasetype = b.oid AND t.typtype = 'd'
     )
     SELECT n.nspname, c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
            b.type::int8, CASE WHEN a.atttypmod >= 0 THEN a.atttypmod ELSE b.modifier END
       FROM pg_attribute a JOIN base b ON b.oid = a.atttypid
       JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OF_USERS}
      ORDER BY 1, 2, 4`,
  );
  return rows.map((row) => {
    const type = Number(row.text(6));
    return {
      table: { schema: row.text(0), name: row.text(1) },
      name: row.text(2),
      position: Number(row.text(3)),
      type: row.text(4),
      nullable: row.flag(5),
      integers: integersOf(type, Number(row.text(7))),
      time: TIMES[type],
    };
  });
}

/** @param modifier numeric's precision and scale, plus 4 (PostgreSQL's src/backend/utils/adt/numeric.c); -1 if there is none. */
function integersOf(type: number, modifier: number): IntegerRange | undefined {
  const bits = INTEGER_BITS[type];
  if (bits !== undefined) return { min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n };
  if (type !== NUMERIC || modifier < 4) return undefined;
  const scale = (modifier - 4) & 0x7ff;
  const precision = (modifier - 4) >> 16;
  const max = 10n ** BigInt(precision) - 1n;
  return scale === 0 ? { min: -max, max } : undefined;
}
