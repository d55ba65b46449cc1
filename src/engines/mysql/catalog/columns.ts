import type { AskCatalog, CatalogColumn, IntegerRange } from '../../catalog.ts';
import { readCatalogRows } from '../../server/catalog-cells.ts';

/** A column, with the details that only this engine's catalog needs. */
export interface MysqlColumn extends CatalogColumn {
  readonly isAutoIncrement: boolean;
  /** SQL expression of the default; ``nextval(`shop`.`ids`)`` where MariaDB uses a sequence. */
  readonly default: string | undefined;
}

const BITS: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n };
const TIMES: Readonly<Record<string, CatalogColumn['time']>> = {
  timestamp: 'absolute',
  datetime: 'wall',
  date: 'date',
};

export async function readColumns(ask: AskCatalog): Promise<readonly MysqlColumn[]> {
  const rows = await readCatalogRows(
    ask,
    'columns',
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE, LOWER(DATA_TYPE), NUMERIC_PRECISION,
            NUMERIC_SCALE, EXTRA, COLUMN_DEFAULT
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2, 4`,
  );
  return rows.map((row) => {
    const type = row.text(4);
    const dataType = row.text(6);
    return {
      table: { schema: row.text(0), name: row.text(1) },
      name: row.text(2),
      position: Number(row.text(3)),
      type,
      nullable: row.flag(5),
      integers: integersOf(dataType, /\bunsigned\b/i.test(type), row.maybeNumber(7), row.maybeNumber(8)),
      time: TIMES[dataType],
      isAutoIncrement: /\bauto_increment\b/i.test(row.maybeText(9) ?? ''),
      default: row.maybeText(10),
    };
  });
}

export function integersOf(
  type: string,
  isUnsigned: boolean,
  precision: number | undefined,
  scale: number | undefined,
): IntegerRange | undefined {
  const bits = BITS[type];
  if (bits !== undefined)
    return isUnsigned ? { min: 0n, max: 2n ** bits - 1n } : { min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n };
  if (type !== 'decimal' || precision === undefined || scale !== 0) return undefined;
  const max = 10n ** BigInt(precision) - 1n;
  return { min: isUnsigned ? 0n : -max, max };
}
