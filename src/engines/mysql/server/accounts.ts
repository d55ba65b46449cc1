import type { Flavor } from '../flavor.ts';
import type { Login } from './connect.ts';
import { quoteGrantDatabase, quoteText } from './quoting.ts';

export interface Account {
  readonly user: string;
  readonly host: string;
}

/** Identifies an account in sets and maps: the server compares hosts case-insensitively. */
export function accountKey({ user, host }: Account): string {
  return JSON.stringify([user, host.toLowerCase()]);
}

export function quoteAccount({ user, host }: Account): string {
  return `${quoteText(user)}@${quoteText(host)}`;
}

/** Creates or restores the harness's own account, which a dump may have dropped: one statement per line, as `--init-file` reads them. */
export function accountStatements(flavor: Flavor, login: Login): string[] {
  const name = quoteAccount({ user: login.user, host: 'localhost' });
  const secret = flavor.identifiedBy(login.password);
  return [
    // a row left behind by a dropped account would make the server treat the account as existing
    `DELETE FROM mysql.proxies_priv WHERE User = ${quoteText(login.user)}`,
    'FLUSH PRIVILEGES',
    `CREATE USER IF NOT EXISTS ${name} ${secret}`,
    `ALTER USER ${name} ${secret}`,
    `GRANT ALL ON *.* TO ${name} WITH GRANT OPTION`,
    // root has this right from the server's installation: no statement can grant it, and dumps of accounts pass it on
    `REPLACE INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor) VALUES ('localhost', ${quoteText(login.user)}, '', '', 1, '')`,
    'FLUSH PRIVILEGES',
  ];
}

/**
 * Rights that a check needs to see everything in a database. The server shows triggers and events only to accounts that may create them; `read_only` prevents
 * that.
 */
const CHECK_RIGHTS = 'SELECT, SHOW VIEW, EXECUTE, TRIGGER, EVENT';

/** A login that sees everything in these databases and may call their routines. `read_only` and its read-only transactions keep it from changing anything. */
export function checkAccountStatements(parts: {
  readonly flavor: Flavor;
  readonly version: string;
  readonly login: Login;
  readonly databases: readonly string[];
  /** System databases that the backup wrote to; a check may only read them. */
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
 * The account that views and routines run as. It cannot log in, and has the rights they need in the restored databases. The backup does not record what it
 * could read elsewhere, so it may read everything: a view on `mysql.user` works if it did on the dumped server.
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
