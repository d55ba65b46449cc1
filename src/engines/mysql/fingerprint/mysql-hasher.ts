import { readDigestRows } from '../../digest-rows.ts';
import type { DigestTable, KeyRange, TableHasher } from '../../fingerprint.ts';
import type { Cell } from '../../query-result.ts';
import { quoteName } from '../server/quoting.ts';
import { listTables } from './table-list.ts';

/**
 * Hashes each row's text with SHA-256 and adds up the first 64 bits of all hashes, modulo 2^64. There is only one sum because the server would compute each
 * row's text and hash once per sum: two would take twice as long.
 *
 * The construction is the additive multiset hash: M. Bellare and D. Micciancio, "A New Paradigm for Collision-Free Hashing" (1997), AdHash; D. Clarke et al.,
 * "Incremental Multiset Hash Functions" (2003). Two different sets of rows have the same digest with odds of 2^-64 (1 in 1.8 × 10^19), unless the rows were
 * chosen to collide: it detects damage, not an attacker.
 * @param product MySQL and MariaDB print some values differently, so each product is compared only with itself.
 */
export function mysqlHasher(product: 'mysql' | 'mariadb'): TableHasher {
  return {
    rules: `${product}/1`,
    listTables,
    async readKeys(ask, { sql, integerKey }) {
      if (!integerKey) return undefined;
      const { rows } = await ask(
        `SELECT CAST(MIN(${integerKey.sql}) AS CHAR), CAST(MAX(${integerKey.sql}) AS CHAR) FROM ${sql}`,
      );
      const [min, max] = rows[0] ?? [];
      return min == null || max == null ? undefined : { min: BigInt(String(min)), max: BigInt(String(max)) };
    },
    async digest(ask, table, range) {
      const { rows, ...result } = await ask(digestQuery(table, range));
      return readDigestRows(table, { ...result, rows: rows.map(splitSum) }, 1);
    },
  };
}

/** Marks a row without a hash; far larger than any sum of hashes. Counting such rows in a second pass would take as long as the first. */
const UNHASHED = 10n ** 40n;

function splitSum([bucket, rows, sum, ...filled]: readonly Cell[]): readonly Cell[] {
  const total = BigInt(String(sum ?? 0));
  return [bucket ?? 0, rows ?? 0, BigInt(String(rows)) - total / UNHASHED, total % UNHASHED, ...filled];
}

function digestQuery(table: DigestTable, range: KeyRange | undefined): string {
  const values = table.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ expression }) => expression);
  const row = values.length === 0 ? "''" : `CONCAT_WS(',', ${values.join(', ')})`;
  const hash = `CAST(CONV(LEFT(SHA2(${row}, 256), 16), 16, 10) AS UNSIGNED)`;
  const nullable = table.columns.filter((column) => column.nullable);
  const outputs = [
    range && table.integerKey ? `${bucketOf(table.integerKey.sql, range)} AS bucket` : '0 AS bucket',
    'COUNT(*)',
    `SUM(IFNULL(${hash}, ${UNHASHED}))`,
    ...nullable.map(({ name }) => `COUNT(${quoteName(name)})`),
  ];
  return `SELECT ${outputs.join(', ')} FROM ${table.sql} GROUP BY bucket`;
}

/** Computed as decimals: the difference of two unsigned integers must not be negative. */
function bucketOf(key: string, { from, width, count }: KeyRange): string {
  const end = from + width * BigInt(count);
  return (
    `CASE WHEN ${key} < ${from} THEN -1 WHEN ${key} >= ${end} THEN ${count} ` +
    `ELSE (CAST(${key} AS DECIMAL(20)) - ${from}) DIV ${width} END`
  );
}
