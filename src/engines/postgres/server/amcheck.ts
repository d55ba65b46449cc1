import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { NotVerifiable, StoredObject, StoredObjects } from '../../data-files.ts';
import { quoteIdentifier } from './dump-names.ts';
import type { PostgresServer } from './postgres-server.ts';

/** SQL of amcheck's functions; undefined if its version lacks one. */
interface Functions {
  readonly heap: string | undefined;
  readonly btree: string;
  /** Whether unique indexes are also checked for duplicates. */
  readonly checksUnique: boolean;
  readonly gin: string | undefined;
}

const CLEAN_UP_TIMEOUT_MS = 20_000;

/**
 * Lets the role verify every table and index of a database with amcheck (manual, "amcheck"). If the copy has not installed it, it is created in a schema of its
 * own, which is dropped afterwards.
 */
export async function openObjects(
  server: PostgresServer,
  database: string,
  { role, signal }: { readonly role: string; readonly signal: AbortSignal },
): Promise<StoredObjects | NotVerifiable> {
  const schema = `firedrill_${randomBytes(4).toString('hex')}_amcheck`;
  const dispose = () =>
    server
      .withSession(database, AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS), (admin) => uninstall(admin, schema))
      .catch(() => undefined); // discarded together with the copy
  const opened = await server.withSession(database, signal, async (admin) => {
    await admin.query('SET session_replication_role = replica'); // keeps event triggers of the restored data from firing
    const functions = (await findFunctions(admin)) ?? (await install(admin, schema));
    if (!functions) return undefined;
    await allow(admin, quoteIdentifier(role));
    return listObjects(admin, functions, server.major);
  });
  if (opened) return { objects: opened, [Symbol.asyncDispose]: dispose };
  return {
    reason: `${server.sandbox.provenance.name} has no amcheck`,
    hint: 'Name an image with the contrib modules of PostgreSQL in `engine.image`; the official images have them.',
  };
}

interface FoundFunction {
  readonly name: string;
  readonly sql: string;
  readonly arguments: number;
}

/** Found by the library that they call: restored data may have functions of these names. */
const FIND = `
SELECT p.prosrc AS name, format('%I.%I', n.nspname, p.proname) AS sql, p.pronargs AS arguments
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
 WHERE l.lanname = 'c' AND p.probin = '$libdir/amcheck' ORDER BY p.pronargs DESC`;

async function findFunctions(admin: pg.Client): Promise<Functions | undefined> {
  const { rows } = await admin.query<FoundFunction>(FIND);
  const find = (name: string) => rows.find((one) => one.name === name);
  const btree = find('bt_index_check');
  if (!btree) return undefined;
  return {
    heap: find('verify_heapam')?.sql,
    btree: btree.sql,
    checksUnique: btree.arguments > 2,
    gin: find('gin_index_check')?.sql,
  };
}

async function install(admin: pg.Client, schema: string): Promise<Functions | undefined> {
  const { rows } = await admin.query("SELECT FROM pg_available_extensions WHERE name = 'amcheck'");
  if (rows.length === 0) return undefined;
  const name = quoteIdentifier(schema);
  await admin.query(`CREATE SCHEMA ${name}; CREATE EXTENSION amcheck SCHEMA ${name}`);
  return findFunctions(admin);
}

async function uninstall(admin: pg.Client, schema: string): Promise<void> {
  await admin.query('SET session_replication_role = replica');
  const { rows } = await admin.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rows.length > 0) await admin.query(`DROP EXTENSION amcheck; DROP SCHEMA ${quoteIdentifier(schema)}`);
}

async function allow(admin: pg.Client, role: string): Promise<void> {
  const { rows } = await admin.query<{ schema: string; signature: string }>(
    `SELECT DISTINCT format('%I', n.nspname) AS schema, p.oid::regprocedure::text AS signature
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
      WHERE l.lanname = 'c' AND p.probin = '$libdir/amcheck'`,
  );
  for (const { schema, signature } of rows) {
    await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT EXECUTE ON FUNCTION ${signature} TO ${role}`);
  }
}

interface Relation {
  readonly oid: number;
  readonly method: 'heap' | 'btree' | 'gin';
  readonly name: string;
  readonly names: readonly string[];
  readonly elsewhere: boolean;
}

/** Includes the server's own, and those of long values (TOAST). Excludes sequences, indexes of other kinds and anything that is empty after every recovery. */
async function listObjects(admin: pg.Client, functions: Functions, major: number): Promise<readonly StoredObject[]> {
  const { rows } = await admin.query<Relation>(
    `SELECT c.oid::int8::float8 AS oid, m.amname AS method,
            CASE WHEN i.indexrelid IS NOT NULL THEN c.relname || ' of ' || tn.nspname || '.' || t.relname
                 WHEN c.relkind = 't' THEN coalesce('the long values of ' || (
                   SELECT n2.nspname || '.' || o.relname FROM pg_class o JOIN pg_namespace n2 ON n2.oid = o.relnamespace
                    WHERE o.reltoastrelid = c.oid), c.relname)
                 ELSE n.nspname || '.' || c.relname END AS name,
            array_remove(ARRAY[c.relname, n.nspname || '.' || c.relname, t.relname, tn.nspname || '.' || t.relname]::text[], NULL) AS names,
            coalesce((SELECT bool_or(${major >= 15 ? SORTED_ELSEWHERE : 'false'}) FROM unnest(i.indcollation::oid[]) u(id) WHERE u.id <> 0), false) AS elsewhere
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam
       LEFT JOIN pg_index i ON i.indexrelid = c.oid
       LEFT JOIN pg_class t ON t.oid = i.indrelid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
      WHERE c.relkind IN ('r', 'm', 't', 'i') AND m.amname IN ('heap', 'btree', 'gin') AND c.relpersistence = 'p'
        AND (i.indexrelid IS NULL OR i.indisvalid AND i.indisready)
      ORDER BY c.relpages DESC, c.oid`,
  );
  return rows.flatMap(({ oid, method, name, names, elsewhere }): readonly StoredObject[] => {
    const query = queryOf(method, `${oid}::oid::regclass`, functions);
    if (query === undefined) return [];
    return [{ kind: method === 'heap' ? 'table' : 'index', name, names, query, isSortedElsewhere: elsewhere }];
  });
}

/** Databases record the version of their own collation (OID 100) since PostgreSQL 15. */
const SORTED_ELSEWHERE = `CASE u.id WHEN 100
  THEN (SELECT datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = current_database())
  ELSE (SELECT collversion IS DISTINCT FROM pg_collation_actual_version(oid) FROM pg_collation WHERE oid = u.id) END`;

function queryOf(method: Relation['method'], relation: string, functions: Functions): string | undefined {
  const { heap, btree, checksUnique, gin } = functions;
  if (method === 'btree') return `SELECT NULL FROM ${btree}(${relation}, true${checksUnique ? ', true' : ''})`;
  if (method === 'gin') return gin && `SELECT NULL FROM ${gin}(${relation})`;
  return (
    heap &&
    `SELECT concat('block ', blkno, ', row ' || offnum, ': ', msg) FROM ${heap}(${relation}, on_error_stop => false, check_toast => true)`
  );
}
