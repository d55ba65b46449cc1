import type pg from 'pg';
import { quoteIdentifier, quoteLiteral } from './dump-names.ts';
import type { PostgresServer } from './postgres-server.ts';
import { roleSettings } from './session-settings.ts';
import { findStandIns, type StandIn } from './stand-ins.ts';

export interface CheckLogin {
  readonly role: string;
  readonly password: string;
}

export interface CheckRole {
  /** For the session: the same search path as in production, but with pg_catalog first. */
  readonly searchPath: string;
  readonly standIns: readonly StandIn[];
}

/** Creates the role for the first session, when no dump can change it any more, and allows it to connect to the database. */
export function prepareCheckRole(
  server: PostgresServer,
  database: string,
  login: CheckLogin,
  signal: AbortSignal,
): Promise<CheckRole> {
  const role = quoteIdentifier(login.role);
  const name = quoteIdentifier(database);
  return server.withSession(database, signal, async (admin) => {
    await admin.query('SET session_replication_role = replica'); // keeps event triggers of the restored data from firing
    await makeRole(admin, login, server.major);
    await admin.query(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    await admin.query(`GRANT CONNECT ON DATABASE ${name} TO ${role}`);
    for (const preload of ['session_preload_libraries', 'local_preload_libraries']) {
      // the sandbox may lack the library, and the role could then not log in
      await admin.query(`ALTER DATABASE ${name} RESET ${preload}; ALTER ROLE ALL RESET ${preload}`);
    }
    if (server.major < 14) await grantReadingByHand(admin, role);
    const searchPath = await databaseSearchPath(admin);
    return { searchPath, standIns: await findStandIns(admin, searchPath) };
  });
}

/**
 * Lets the owners of views, and of functions that run with their owner's rights, read everything: a dump without privileges leaves them without the rights that
 * they have in production.
 * @returns the roles that lacked them before.
 */
export function grantToOwners(server: PostgresServer, database: string, signal: AbortSignal): Promise<string[]> {
  if (server.major < 14) return Promise.resolve([]);
  return server.withSession(database, signal, async (admin) => {
    const owners = await admin.query<{ name: string }>(
      `SELECT rolname AS name FROM pg_roles
        WHERE oid IN (SELECT relowner FROM pg_class WHERE relkind IN ('v', 'm')
                      UNION SELECT proowner FROM pg_proc WHERE prosecdef)
          AND NOT pg_has_role(oid, 'pg_read_all_data', 'USAGE') ORDER BY 1`,
    );
    const names = owners.rows.map(({ name }) => name);
    for (const name of names) await admin.query(`GRANT pg_read_all_data TO ${quoteIdentifier(name)}`);
    return names;
  });
}

/** The role is also a member of pg_write_all_data: information_schema shows triggers and constraints only of tables to which one may write. It never writes. */
async function makeRole(admin: pg.Client, { role, password }: CheckLogin, major: number): Promise<void> {
  const name = quoteIdentifier(role);
  const existing = await admin.query(`SELECT FROM pg_roles WHERE rolname = ${quoteLiteral(role)}`);
  if (existing.rows.length > 0) return;
  await admin.query(`CREATE ROLE ${name} LOGIN NOSUPERUSER BYPASSRLS PASSWORD ${quoteLiteral(password)}`);
  if (major >= 14) await admin.query(`GRANT pg_read_all_data, pg_write_all_data, pg_read_all_settings TO ${name}`);
  const settings = { ...roleSettings(major), default_transaction_read_only: 'on' };
  for (const [setting, value] of Object.entries(settings)) {
    await admin.query(`ALTER ROLE ${name} SET ${setting} = ${quoteLiteral(value)}`);
  }
}

async function grantReadingByHand(admin: pg.Client, role: string): Promise<void> {
  const schemas = await admin.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'",
  );
  for (const { name } of schemas.rows) {
    const schema = quoteIdentifier(name);
    await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    await admin.query(`GRANT SELECT, TRIGGER ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
    await admin.query(`GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`);
  }
}

async function databaseSearchPath(admin: pg.Client): Promise<string> {
  const result = await admin.query<{ setting: string }>(
    `SELECT substr(s, strpos(s, '=') + 1) AS setting
       FROM pg_db_role_setting, unnest(setconfig) AS s
      WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s LIKE 'search_path=%'`,
  );
  return `pg_catalog, ${result.rows[0]?.setting || 'public'}`;
}
