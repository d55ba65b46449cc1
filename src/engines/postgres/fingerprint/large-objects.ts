import type { DigestTable } from '../../fingerprint.ts';

/** Amount read at a time: an object may have 4 TB, and a value 1 GB. */
const PART_BYTES = 2 ** 20;

/** One row per part: its hash, so that no more than one part is in memory. A part that is full may be followed by another. */
const PARTS = `
WITH RECURSIVE part AS (
  SELECT m.oid, 0::pg_catalog.int8 AS number, piece.bytes, piece.hash
    FROM pg_catalog.pg_largeobject_metadata m, LATERAL ${piece('m.oid', '0')} AS piece
  UNION ALL
  SELECT p.oid, p.number + 1, piece.bytes, piece.hash
    FROM part p, LATERAL ${piece('p.oid', `(p.number + 1) * ${PART_BYTES}`)} AS piece WHERE p.bytes = ${PART_BYTES}
)
SELECT oid::pg_catalog.int8 AS id, number, hash FROM part`;

function piece(id: string, from: string): string {
  const data = `SELECT pg_catalog.lo_get(${id}, ${from}, ${PART_BYTES}) AS data OFFSET 0`;
  return `(SELECT pg_catalog.octet_length(data) AS bytes, pg_catalog.sha256(data) AS hash FROM (${data}) AS got)`;
}

/** The large objects of a database, presented as a table. A session needs `lo_compat_privileges` to read them all. */
export const LARGE_OBJECTS: DigestTable = {
  name: 'large objects',
  sql: `(${PARTS}) AS objects`,
  columns: [
    { name: 'id', type: 'bigint', nullable: false, expression: 'pg_catalog.int8send(id)' },
    { name: 'number', type: 'bigint', nullable: false, expression: 'pg_catalog.int8send(number)' },
    { name: 'hash', type: 'bytea', nullable: false, expression: 'hash' },
  ],
  integerKey: undefined,
  bytes: 0,
};
