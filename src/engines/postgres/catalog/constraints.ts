import type {
  AskCatalog,
  CatalogForeignKey,
  CollationVersion,
  ForeignKeyColumn,
  UnvalidatedConstraint,
} from '../../catalog.ts';
import { readCatalogRows } from '../../server/catalog-cells.ts';
import { quoteIdentifier } from '../server/dump-names.ts';
import { OF_USERS } from './user-schemas.ts';

/** Column and referenced column; schema and name of the operator; schema and name of the referenced column's collation if the two differ. */
type Pair = readonly [string, string, string, string, string | null, string | null];

/** Excludes keys that partitions inherit, and temporal ones (PERIOD), whose operators mean something else. */
export async function readForeignKeys(ask: AskCatalog, major: number): Promise<readonly CatalogForeignKey[]> {
  const rows = await readCatalogRows(
    ask,
    'foreign keys',
    `SELECT n.nspname, c.relname, k.conname, rn.nspname, r.relname, k.confmatchtype = 'f', k.convalidated,
            (SELECT json_agg(json_build_array(a.attname, ra.attname, opn.nspname, o.oprname,
                                              CASE WHEN a.attcollation <> ra.attcollation THEN cn.nspname END,
                                              CASE WHEN a.attcollation <> ra.attcollation THEN co.collname END) ORDER BY u.place)
               FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY u(col, ref, op, place)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.col
               JOIN pg_attribute ra ON ra.attrelid = k.confrelid AND ra.attnum = u.ref
               JOIN pg_operator o ON o.oid = u.op JOIN pg_namespace opn ON opn.oid = o.oprnamespace
               LEFT JOIN pg_collation co ON co.oid = ra.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace)::text
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
      WHERE k.contype = 'f' AND k.conparentid = 0 ${major >= 18 ? 'AND NOT k.conperiod' : ''} AND ${OF_USERS} ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => ({
    table: { schema: row.text(0), name: row.text(1) },
    name: row.text(2),
    references: { schema: row.text(3), name: row.text(4) },
    columns: (row.json(7) as readonly Pair[]).map(readPair),
    isMatchFull: row.flag(5),
    isValidated: row.flag(6),
    hasParent: true,
  }));
}

function readPair([column, references, schema, operator, collationSchema, collation]: Pair): ForeignKeyColumn {
  const collate =
    collationSchema === null || collation === null
      ? ''
      : ` COLLATE ${quoteIdentifier(collationSchema)}.${quoteIdentifier(collation)}`;
  return { column, references, operator: `OPERATOR(${quoteIdentifier(schema)}.${operator})`, collate };
}

/** Those of partitions belong to the parent. */
export async function readUnvalidated(ask: AskCatalog): Promise<readonly UnvalidatedConstraint[]> {
  const rows = await readCatalogRows(
    ask,
    'constraints',
    `SELECT n.nspname, c.relname, k.conname, k.contype,
            CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid)
                           WHEN 'n' THEN (SELECT format('%I IS NOT NULL', a.attname) FROM pg_attribute a
                                           WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) END
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT k.convalidated AND k.contype IN ('c', 'f', 'n') AND k.conparentid = 0 AND ${OF_USERS} ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => ({
    table: { schema: row.text(0), name: row.text(1) },
    name: row.text(2),
    kind: row.text(3) === 'f' ? 'foreign-key' : row.text(3) === 'n' ? 'not-null' : 'check',
    condition: row.maybeText(4),
  }));
}

/** Databases record the version of their own collation since PostgreSQL 15. */
export async function readCollationVersions(ask: AskCatalog, major: number): Promise<readonly CollationVersion[]> {
  const ofDatabase =
    major >= 15 ? 'datcollversion, pg_database_collation_actual_version(oid)' : 'NULL::text, NULL::text';
  const rows = await readCatalogRows(
    ask,
    'collations',
    `SELECT 'database ' || datname, ${ofDatabase} FROM pg_database WHERE datname = current_database()
     UNION ALL SELECT 'collation ' || n.nspname || '.' || c.collname, c.collversion, pg_collation_actual_version(c.oid)
       FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
      WHERE c.collversion IS NOT NULL ORDER BY 1`,
  );
  return rows.map((row) => ({ object: row.text(0), recorded: row.maybeText(1), actual: row.maybeText(2) }));
}
