import type { Ask, DigestColumn, DigestTable } from '../../fingerprint.ts';
import { quoteIdentifier } from '../server/dump-names.ts';

/** Object types whose values refer to objects, with the catalog of each: their binary form is an OID, which a restore changes. */
const REFERENCES: Readonly<Record<string, string>> = {
  regclass: 'pg_class',
  regcollation: 'pg_collation',
  regconfig: 'pg_ts_config',
  regdictionary: 'pg_ts_dict',
  regnamespace: 'pg_namespace',
  regoper: 'pg_operator',
  regoperator: 'pg_operator',
  regproc: 'pg_proc',
  regprocedure: 'pg_proc',
  regrole: 'pg_authid',
  regtype: 'pg_type',
};

/** OIDs below this are the same in every database. Source: FirstNormalObjectId in PostgreSQL's src/include/access/transam.h. */
const FIRST_NORMAL_OID = 16384;

interface ListedColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** The name of the base type in its catalog entry. */
  readonly base: string;
  /** The same for the element type of an array; null if it is not an array. */
  readonly element: string | null;
  readonly isBuiltIn: boolean;
  /** The function that returns the value's binary form, quoted; null if there is none. */
  readonly send: string | null;
  /** Whether its binary form contains OIDs of types that a restore renumbers. */
  readonly holdsOids: boolean;
}

/**
 * Lists the tables with rows of their own: no views, foreign tables, partitions (their parent has the rows), temporary tables, or tables of an extension, which
 * provides their rows.
 */
export async function listTables(ask: Ask): Promise<readonly DigestTable[]> {
  const { rows } = await ask(LIST);
  return rows.map(([schema, name, isPartitioned, bytes, columns, key]) => {
    // a table that inherits from another is a table of its own
    const only = isPartitioned === true ? '' : 'ONLY ';
    const sql = `${only}${quoteIdentifier(String(schema))}.${quoteIdentifier(String(name))}`;
    const keyName = key === null ? undefined : String(key);
    return {
      name: `${schema}.${name}`,
      sql,
      columns: (JSON.parse(String(columns)) as ListedColumn[]).map(toColumn),
      integerKey: keyName === undefined ? undefined : { name: keyName, sql: quoteIdentifier(keyName) },
      bytes: Number(bytes),
    };
  });
}

function toColumn({ name, type, nullable, ...value }: ListedColumn): DigestColumn {
  return { name, type, nullable, expression: expressionFor(quoteIdentifier(name), value) };
}

/**
 * A value's binary form does not depend on session settings: time zone, DateStyle, IntervalStyle, bytea_output, extra_float_digits, lc_monetary. If there is
 * none, or it contains OIDs, the text form is used.
 */
function expressionFor(
  column: string,
  { base, element, isBuiltIn, send, holdsOids }: Omit<ListedColumn, 'name' | 'type' | 'nullable'>,
): string {
  const catalog = isBuiltIn ? REFERENCES[element ?? base] : undefined;
  if (catalog !== undefined) return element === null ? identityOf(catalog, column) : identitiesOf(catalog, column);
  return send === null || holdsOids ? `${column}::pg_catalog.text` : `${send}(${column})`;
}

/** Its schema-qualified name; the text form omits the schema if the session's search path contains it. */
function identityOf(catalog: string, value: string): string {
  return `(pg_catalog.pg_identify_object('pg_catalog.${catalog}'::pg_catalog.regclass, ${value}::pg_catalog.oid, 0)).identity`;
}

function identitiesOf(catalog: string, column: string): string {
  const names = `SELECT pg_catalog.array_agg(${identityOf(catalog, 'item')} ORDER BY place)::pg_catalog.text FROM pg_catalog.unnest(${column}) WITH ORDINALITY AS items (item, place)`;
  return `(CASE WHEN ${column} IS NOT NULL THEN coalesce((${names}), '{}') END)`;
}

/** Domains are resolved to their base type. An array or a composite value contains the OIDs of its parts' types. */
const LIST = `
WITH RECURSIVE base AS (
  SELECT oid, oid AS root FROM pg_catalog.pg_type WHERE typtype <> 'd'
  UNION ALL
  SELECT d.oid, b.root FROM pg_catalog.pg_type d JOIN base b ON d.typbasetype = b.oid WHERE d.typtype = 'd'
)
SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text, c.relkind = 'p',
       CASE WHEN c.relkind = 'p' THEN (SELECT pg_catalog.sum(pg_catalog.pg_table_size(relid)) FROM pg_catalog.pg_partition_tree(c.oid))
            ELSE pg_catalog.pg_table_size(c.oid) END::pg_catalog.text,
       (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                 'name', a.attname,
                 'type', CASE WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.format_type(a.atttypid, a.atttypmod)
                              ELSE pg_catalog.concat(tn.nspname, '.', t.typname) END,
                 'nullable', NOT a.attnotnull,
                 'base', bt.typname,
                 'element', CASE WHEN s.proname = 'array_send' THEN et.typname END,
                 'isBuiltIn', bt.oid < ${FIRST_NORMAL_OID},
                 'send', CASE WHEN bt.typsend = 0 THEN NULL
                              ELSE pg_catalog.concat(pg_catalog.quote_ident(sn.nspname), '.', pg_catalog.quote_ident(s.proname)) END,
                 'holdsOids', bt.typtype IN ('c', 'p') OR s.proname = 'array_send' AND (bt.typelem >= ${FIRST_NORMAL_OID} OR et.typtype <> 'b' OR et.typname LIKE 'reg%'))
               ORDER BY a.attnum), '[]')::pg_catalog.text
          FROM pg_catalog.pg_attribute a
          JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
          JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
          JOIN base ON base.oid = t.oid
          JOIN pg_catalog.pg_type bt ON bt.oid = base.root
          LEFT JOIN pg_catalog.pg_type et ON et.oid = bt.typelem
          LEFT JOIN pg_catalog.pg_proc s ON s.oid = bt.typsend
          LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = s.pronamespace
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
       (SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND i.indisprimary
           AND a.atttypid IN ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype))
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1, 2`;
