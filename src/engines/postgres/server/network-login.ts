import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { NetworkLogin, NetworkLoginOptions } from '../../sql-access.ts';
import { quoteIdentifier, quoteLiteral } from './dump-names.ts';
import type { PostgresServer } from './postgres-server.ts';
import { restartServer } from './seal.ts';

const HOST = '127.0.0.1';
const PORT = 5432;

/** Only this role may connect over TCP. */
export async function openNetworkLogin(
  server: PostgresServer,
  { database, access, signal, run }: NetworkLoginOptions,
): Promise<NetworkLogin> {
  const user = `firedrill_${randomBytes(4).toString('hex')}_app`;
  const password = randomBytes(24).toString('hex');
  await restartServer(server, 'serve', run, { settings: { listen_addresses: HOST } });
  const { sandbox } = server;
  const line = `host ${quoteIdentifier(database)} ${user} ${HOST}/32 scram-sha-256`;
  const { exitCode, stderr } = await sandbox.exec(['sh', '-c', ALLOW, 'sh', sandbox.paths.data, line], { signal });
  if (exitCode !== 0) throw new Error(`pg_hba.conf: ${stderr}`);
  await server.withSession(database, signal, async (admin) => {
    await admin.query('SET session_replication_role = replica'); // keeps event triggers of the restored data from firing
    await admin.query(
      `SET password_encryption = 'scram-sha-256'; CREATE ROLE ${user} LOGIN NOSUPERUSER PASSWORD ${quoteLiteral(password)}`,
    );
    await admin.query(`ALTER DATABASE ${quoteIdentifier(database)} CONNECTION LIMIT -1`);
    await admin.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${quoteIdentifier(database)} TO ${user}`);
    if (access === 'read') await letRead(admin, user, server.major);
    else await letWrite(admin, user, server.major, database);
    await admin.query('SELECT pg_reload_conf()');
  });
  return { host: HOST, port: PORT, user, password, database };
}

const ALLOW = 'printf "%s\\n" "$2" >> "$1/pg_hba.conf"';

async function letRead(admin: pg.Client, user: string, major: number): Promise<void> {
  if (major >= 14) await admin.query(`GRANT pg_read_all_data TO ${user}`);
  await admin.query(`ALTER ROLE ${user} BYPASSRLS; ALTER ROLE ${user} SET default_transaction_read_only = on`);
}

/**
 * An application changes its tables when it boots a new version, which requires their owner's rights. If an owner could run programs (a superuser, for
 * example), the application gets the objects instead: the copy will be discarded, and a member of such a role could become it.
 */
async function letWrite(admin: pg.Client, user: string, major: number, database: string): Promise<void> {
  const { rows: owners } = await admin.query<{ name: string }>(OWNERS);
  const { rows: owned } = await admin.query<{ statement: string }>(TAKEN_FROM_POWERFUL);
  for (const { statement } of owned) await admin.query(`${statement} OWNER TO ${user}`);
  // a role of the harness, which owns what a dump assigned to nobody, must not be switched to
  const how = major >= 16 ? ' WITH INHERIT TRUE, SET FALSE' : '';
  for (const { name } of owners) await admin.query(`GRANT ${quoteIdentifier(name)} TO ${user}${how}`);
  if (major >= 14) await admin.query(`GRANT pg_read_all_data, pg_write_all_data TO ${user}`);
  await admin.query(`GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${user}`);
  const { rows: schemas } = await admin.query<{ name: string }>(SCHEMAS);
  for (const { name } of schemas) await admin.query(`GRANT ALL ON SCHEMA ${quoteIdentifier(name)} TO ${user}`);
}

const SCHEMAS =
  "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1";

/** Roles that are superusers, can become one, or can run programs and read or write files of the server. */
const POWERFUL = `
SELECT r.oid FROM pg_roles r JOIN pg_roles p ON pg_has_role(r.oid, p.oid, 'MEMBER')
 WHERE p.rolsuper OR p.rolcreaterole OR p.rolreplication
    OR p.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')`;

/** Excludes members of extensions, and sequences of columns, which follow their table. */
const TAKEN_FROM_POWERFUL = `
SELECT o.statement
  FROM (SELECT 1 AS step, oid, 'pg_namespace'::regclass AS class, oid AS schema, nspowner AS owner,
               format('ALTER SCHEMA %I', nspname) AS statement
          FROM pg_namespace
        UNION ALL
        SELECT 2, oid, 'pg_class'::regclass, relnamespace, relowner, format('ALTER TABLE %s', oid::regclass)
          FROM pg_class c
         WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
           AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                                                 AND d.objid = c.oid AND d.deptype IN ('a', 'i')))
        UNION ALL
        SELECT 3, oid, 'pg_type'::regclass, typnamespace, typowner, format('ALTER TYPE %s', oid::regtype)
          FROM pg_type t
         WHERE typtype IN ('e', 'd', 'r')
            OR typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
        UNION ALL
        SELECT 4, oid, 'pg_proc'::regclass, pronamespace, proowner, format('ALTER ROUTINE %s', oid::regprocedure)
          FROM pg_proc) o
  JOIN pg_namespace n ON n.oid = o.schema
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND o.owner IN (${POWERFUL})
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
 ORDER BY o.step, o.oid`;

const OWNERS = `
SELECT rolname AS name FROM pg_roles
 WHERE oid IN (SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
               UNION SELECT p.proowner FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
               UNION SELECT nspowner FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
   AND rolname !~ '^pg_' AND oid NOT IN (${POWERFUL}) ORDER BY 1`;
