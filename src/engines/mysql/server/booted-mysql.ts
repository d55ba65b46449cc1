import type { CheckSession, Server } from '../../engine.ts';
import { checkAccountStatements } from './accounts.ts';
import { openMysqlCheckSession } from './check-session.ts';
import { prepareClientCommand } from './client-command.ts';
import { MysqlServer } from './mysql-server.ts';
import { sealServer } from './seal.ts';

/** A booted MySQL or MariaDB server, as the drill uses it. */
export class BootedMysql extends MysqlServer implements Server {
  async prepareClient(signal: AbortSignal): Promise<readonly string[]> {
    const database = [...this.loaded][0];
    await this.prepareCheckAccount(database, signal);
    const { sandbox, connection, flavor } = this;
    return prepareClientCommand({ sandbox, connection, flavor, login: { ...this.checkLogin, database }, signal });
  }

  seal(signal: AbortSignal): Promise<void> {
    return sealServer(this, signal);
  }

  async openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession> {
    await this.prepareCheckAccount(database, signal);
    return openMysqlCheckSession(this, { ...this.checkLogin, database }, signal);
  }

  private prepareCheckAccount(database: string | undefined, signal: AbortSignal): Promise<void> {
    const databases = new Set([...this.loaded, ...(database === undefined ? [] : [database])]);
    const system = this.hasSystemData ? ['mysql'] : [];
    return this.administer(signal, async (session) => {
      const { flavor, version, checkLogin: login } = this;
      for (const statement of checkAccountStatements({ flavor, version, login, databases: [...databases], system })) {
        await session.execute(statement);
      }
    });
  }
}
