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
    `CREATE USER IF NOT EXISTS ${name} ${secret}`,
    `ALTER USER ${name} ${secret}`,
    `GRANT ALL ON *.* TO ${name} WITH GRANT OPTION`,
  ];
}

/** A login that may read everything in these databases and call their routines, and change nothing. */
export function checkAccountStatements(flavor: Flavor, login: Login, databases: readonly string[]): string[] {
  const name = quoteAccount({ user: login.user, host: 'localhost' });
  const secret = flavor.identifiedBy(login.password);
  return [
    `CREATE USER IF NOT EXISTS ${name} ${secret}`,
    `ALTER USER ${name} ${secret}`,
    ...databases.map((database) => `GRANT SELECT, SHOW VIEW, EXECUTE ON ${quoteGrantDatabase(database)}.* TO ${name}`),
  ];
}

/** An account that views and routines run as: nobody can log in as it, and it may do in the restored databases what they need. */
export function definerStatements(
  flavor: Flavor,
  definer: Account,
  password: string,
  databases: readonly string[],
): string[] {
  const name = quoteAccount(definer);
  return [
    `CREATE USER ${name} ${flavor.identifiedBy(password)} ACCOUNT LOCK`,
    ...databases.map((database) => `GRANT ALL ON ${quoteGrantDatabase(database)}.* TO ${name}`),
  ];
}
