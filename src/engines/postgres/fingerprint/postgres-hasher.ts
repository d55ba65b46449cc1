import { readDigestRows } from '../../digest-rows.ts';
import type { DigestTable, KeyRange, TableHasher } from '../../fingerprint.ts';
import { LARGE_OBJECTS } from './large-objects.ts';
import { listTables } from './table-list.ts';

/**
 * A row's bytes are `record_send` of its columns' binary forms, in the order of their names: it writes a length before each value and -1 for NULL, so different
 * rows have different bytes. They are hashed with SHA-256, and the result with the server's 64-bit hash with two seeds; both are added up over all rows, modulo
 * 2^64 each.
 *
 * The construction is the additive multiset hash: M. Bellare and D. Micciancio, "A New Paradigm for Collision-Free Hashing" (1997), AdHash; D. Clarke et al.,
 * "Incremental Multiset Hash Functions" (2003). The odds that two different sets of rows have the same digest are 2^-128, unless the rows were chosen to
 * collide: it detects damage, not an attacker.
 */
export const postgresHasher: TableHasher = {
  rules: 'postgres/1',
  listTables,
  listOthers: () => [LARGE_OBJECTS],
  async readKeys(ask, { sql, integerKey }) {
    if (!integerKey) return undefined;
    const { rows } = await ask(
      `SELECT pg_catalog.min(${integerKey.sql})::pg_catalog.text, pg_catalog.max(${integerKey.sql})::pg_catalog.text FROM ${sql}`,
    );
    const [min, max] = rows[0] ?? [];
    return min == null || max == null ? undefined : { min: BigInt(String(min)), max: BigInt(String(max)) };
  },
  async digest(ask, table, range) {
    return readDigestRows(table, await ask(digestQuery(table, range)), 2);
  },
};

/** `OFFSET 0` keeps the server from computing a row's hash once for each sum. */
function digestQuery(table: DigestTable, range: KeyRange | undefined): string {
  const bucket = range && table.integerKey ? bucketOf(table.integerKey.sql, range) : '0';
  const nullable = table.columns.filter((column) => column.nullable);
  const values = table.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ expression }) => expression);
  const filled = nullable.map((_column, index) => `pg_catalog.count(f${index})::pg_catalog.text`);
  const outputs = [
    'bucket',
    'pg_catalog.count(*)::pg_catalog.text',
    'pg_catalog.count(hash)::pg_catalog.text',
    ...[0, 1].map((seed) => `pg_catalog.sum(pg_catalog.hash_record_extended(ROW(hash), ${seed}))::pg_catalog.text`),
    ...filled,
  ];
  // an empty ROW() has no bytes, and a table may have no columns
  const row = values.length === 0 ? "''::pg_catalog.bytea" : `pg_catalog.record_send(ROW(${values.join(', ')}))`;
  const inputs = [
    `${bucket} AS bucket`,
    `pg_catalog.sha256(${row}) AS hash`,
    ...nullable.map(({ expression }, index) => `${expression} AS f${index}`),
  ];
  return `SELECT ${outputs.join(', ')} FROM (SELECT ${inputs.join(', ')} FROM ${table.sql} OFFSET 0) AS hashed GROUP BY bucket`;
}

function bucketOf(key: string, { from, width, count }: KeyRange): string {
  const end = from + width * BigInt(count);
  return (
    `(CASE WHEN ${key} < ${literal(from)} THEN -1 WHEN ${key} >= ${end}::pg_catalog.numeric THEN ${count} ` +
    `ELSE (${key}::pg_catalog.int8 - ${literal(from)}) / ${literal(width)} END)`
  );
}

/** Quoted: the smallest 64-bit integer cannot be written as a number. */
function literal(value: bigint): string {
  return `'${value}'::pg_catalog.int8`;
}
