import { randomBytes } from 'node:crypto';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { type Account, accountKey, definerStatements, quoteAccount } from '../server/accounts.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteGrantDatabase } from '../server/quoting.ts';
import { numberOf } from '../server/server-errors.ts';
import { definersIn, newAccountIn } from '../sql/sql-names.ts';
import { loadTraitsOf } from './load-traits.ts';

const NAMES_SHOWN = 20;
/** ER_CANNOT_USER. */
const CANNOT_CREATE = 1396;

/**
 * Creates the accounts that views, routines, triggers and events run as, before the statement that names them: a view on a view whose definer
 * does not exist cannot even be created. The accounts are locked, have a random password, and have all rights in the restored databases.
 */
export class LoadDefiners {
  private readonly server: MysqlServer;
  private readonly signal: AbortSignal;
  private readonly known = new Set<string>();
  private readonly made: Account[] = [];
  /** Databases that the accounts have rights in so far. */
  private granted = new Set<string>();

  constructor(server: MysqlServer, signal: AbortSignal) {
    this.server = server;
    this.signal = signal;
  }

  /** Reads which accounts exist; called again after a dump loaded its own. */
  async begin(): Promise<void> {
    this.known.clear();
    for (const account of this.made) this.known.add(accountKey(account));
    await this.server.administer(this.signal, async (session) => {
      for (const [user, host] of await session.ask(
        `SELECT User, Host FROM ${loadTraitsOf(this.server.flavor).accountTable}`,
      ))
        this.known.add(accountKey({ user: String(user), host: String(host) }));
    });
  }

  /** Creates the accounts that a definition needs and that do not exist yet. */
  async provide(text: string): Promise<void> {
    for (const { user, host } of definersIn(text)) {
      const definer = { user, host: host === '' ? '%' : host };
      if (this.known.has(accountKey(definer)) || user === '') continue;
      this.known.add(accountKey(definer));
      await this.grantAll();
      const password = randomBytes(24).toString('hex');
      const statements = definerStatements(this.server.flavor, definer, password, [...this.server.loaded]);
      if (!(await this.create(statements))) continue;
      this.made.push(definer);
      this.server.madeAccounts.add(accountKey(definer));
    }
  }

  /**
   * Drops an account that was created for a definition, before the dump creates it: in dumps of `--system=users`, views come before accounts, and the account
   * must get exactly the dump's password and rights.
   */
  async release(text: string): Promise<void> {
    const account = newAccountIn(text);
    const index = this.made.findIndex((made) => account !== undefined && accountKey(made) === accountKey(account));
    const [made] = index < 0 ? [] : this.made.splice(index, 1);
    if (made === undefined) return;
    this.server.madeAccounts.delete(accountKey(made));
    await this.server.administer(this.signal, (session) => session.execute(`DROP USER ${quoteAccount(made)}`));
  }

  /** Grants the accounts rights on databases that were created after them. */
  async finish(errors: LoadErrors): Promise<void> {
    await this.grantAll();
    if (this.made.length === 0) return;
    const names = this.made.slice(0, NAMES_SHOWN).map(({ user, host }) => `${user}@${host}`);
    const more = this.made.length > names.length ? ` and ${this.made.length - names.length} more` : '';
    const many = this.made.length > 1;
    errors.warn(
      `${names.join(', ')}${more}: ${many ? 'accounts' : 'an account'} that views and routines run as, not in the backup; made without a way to log in`,
    );
  }

  /** @returns false if the account exists after all: it is in effect although its row is not in the table now. */
  private create(statements: readonly string[]): Promise<boolean> {
    return this.server.administer(this.signal, async (session) => {
      try {
        for (const statement of statements) await session.execute(statement);
        return true;
      } catch (error) {
        if (numberOf(error) === CANNOT_CREATE) return false;
        throw error;
      }
    });
  }

  private async grantAll(): Promise<void> {
    const missing = [...this.server.loaded].filter((name) => !this.granted.has(name));
    this.granted = new Set(this.server.loaded);
    if (missing.length === 0 || this.made.length === 0) return;
    await this.server.administer(this.signal, async (session) => {
      for (const account of this.made)
        for (const name of missing)
          await session.execute(`GRANT ALL ON ${quoteGrantDatabase(name)}.* TO ${quoteAccount(account)}`);
    });
  }
}
