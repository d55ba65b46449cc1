import type { Login } from './connect.ts';
import type { Flavor } from './flavor.ts';
import { quoteGrantDatabase, quoteText } from './quoting.ts';

export interface Account {
  readonly user: string;
  readonly host: string;
}

export function quoteAccount({ user, host }: Account): string {
  return `${quoteText(user)}@${quoteText(host)}`;
}

/** The harness's own account, whether it is new, or a dump has taken it away: one statement a line, as `--init-file` reads them. */
export function accountStatements(flavor: Flavor, login: Login): string[] {
  const name = quoteAccount({ user: login.user, host: 'localhost' });
  const secret = flavor.identifiedBy(login.password);
  return [
    // what is left there of an account that was taken away makes the server believe in it
    `DELETE FROM mysql.proxies_priv WHERE User = ${quoteText(login.user)}`,
    'FLUSH PRIVILEGES',
    `CREATE USER IF NOT EXISTS ${name} ${secret}`,
    `ALTER USER ${name} ${secret}`,
    `GRANT ALL ON *.* TO ${name} WITH GRANT OPTION`,
    // as root has it from the server's installation: no statement can grant it, and dumps of accounts pass it on
    `REPLACE INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor) VALUES ('localhost', ${quoteText(login.user)}, '', '', 1, '')`,
    'FLUSH PRIVILEGES',
  ];
}

/** What a check needs to see everything of a database. Triggers and events are shown only to those who may make them, which `read_only` forbids. */
const CHECK_RIGHTS = 'SELECT, SHOW VIEW, EXECUTE, TRIGGER, EVENT';

/** A login that sees everything in these databases and may call their routines; that it changes nothing, `read_only` and its transactions see to. */
export function checkAccountStatements(parts: {
  readonly flavor: Flavor;
  readonly version: string;
  readonly login: Login;
  readonly databases: readonly string[];
  /** Databases of the server that the backup wrote to, which a check may read and no more. */
  readonly system: readonly string[];
}): string[] {
  const { flavor, version, login, databases, system } = parts;
  const name = quoteAccount({ user: login.user, host: 'localhost' });
  const secret = flavor.identifiedBy(login.password);
  return [
    `CREATE USER IF NOT EXISTS ${name} ${secret}`,
    `ALTER USER ${name} ${secret}`,
    ...databases.map((database) => `GRANT ${CHECK_RIGHTS} ON ${quoteGrantDatabase(database)}.* TO ${name}`),
    ...system.map((database) => `GRANT SELECT ON ${quoteGrantDatabase(database)}.* TO ${name}`),
    ...flavor.showRoutines(version).map((right) => `GRANT ${right} TO ${name}`),
  ];
}

/**
 * An account that views and routines run as: nobody can log in as it, and it may do in the restored databases what they need. What it could
 * read elsewhere is not in the backup, so it may read everything: a view on `mysql.user` works where the dumped server let it.
 */
export function definerStatements(
  flavor: Flavor,
  definer: Account,
  password: string,
  databases: readonly string[],
): string[] {
  const name = quoteAccount(definer);
  return [
    `CREATE USER ${name} ${flavor.identifiedBy(password)} ACCOUNT LOCK`,
    `GRANT SELECT, EXECUTE, SHOW VIEW, PROCESS ON *.* TO ${name}`,
    ...databases.map((database) => `GRANT ALL ON ${quoteGrantDatabase(database)}.* TO ${name}`),
  ];
}
