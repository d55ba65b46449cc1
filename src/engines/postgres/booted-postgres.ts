import { randomBytes } from 'node:crypto';
import type { CheckSession, Server } from '../engine.ts';
import type { CheckLogin } from './check-role.ts';
import { openPostgresCheckSession } from './check-session.ts';
import { prepareClientCommand } from './client-command.ts';
import { PostgresServer, type ServerParts } from './postgres-server.ts';
import { sealServer } from './seal.ts';

/** A booted Postgres as the drill knows it. */
export class BootedPostgres extends PostgresServer implements Server {
  /** Made when the first check needs it. A dump knows the name of the session that loads it, so this one must not follow from that. */
  private readonly checkLogin: CheckLogin;

  constructor(parts: ServerParts, checkPassword: string) {
    super(parts);
    this.checkLogin = { role: `firedrill_${randomBytes(4).toString('hex')}_check`, password: checkPassword };
  }

  async prepareClient(signal: AbortSignal): Promise<readonly string[]> {
    const { sandbox, connection } = this;
    const database = [...this.loaded][0] ?? 'postgres';
    const login = this.checkLogin;
    // The role is made with its first session, which there has not been when the run failed before its checks.
    await (await openPostgresCheckSession(this, database, login, signal))[Symbol.asyncDispose]();
    return prepareClientCommand({ sandbox, connection, login, database, signal });
  }

  seal(signal: AbortSignal): Promise<void> {
    return sealServer(this, signal);
  }

  openCheckSession(database: string, signal: AbortSignal): Promise<CheckSession> {
    return openPostgresCheckSession(this, database, this.checkLogin, signal);
  }
}
