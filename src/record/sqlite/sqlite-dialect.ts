import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type TransactionSettings,
} from 'kysely';
import { isBusy } from './sqlite-errors.ts';

/**
 * Kysely on `node:sqlite`. SQLite's own lock waiting would block everything in this process (progress, timers, streams), and two stores in one process would
 * deadlock. So a write transaction takes its lock first (`begin immediate`) and, if it is taken, waits outside SQLite with short random pauses, because there
 * is no event to wait for.
 */
export class NodeSqliteDialect extends SqliteDialect {
  private readonly database: DatabaseSync;
  private readonly lockWaitMs: number;

  /** @param lockWaitMs how long to wait for another connection's transaction. */
  constructor(database: DatabaseSync, lockWaitMs: number) {
    super({ database: asKyselyDatabase(database) });
    this.database = database;
    this.lockWaitMs = lockWaitMs;
  }

  override createDriver(): SqliteDriver {
    return new NodeSqliteDriver(this.database, this.lockWaitMs);
  }
}

class NodeSqliteDriver extends SqliteDriver {
  private readonly database: DatabaseSync;
  private readonly lockWaitMs: number;

  constructor(database: DatabaseSync, lockWaitMs: number) {
    super({ database: asKyselyDatabase(database) });
    this.database = database;
    this.lockWaitMs = lockWaitMs;
  }

  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const begin = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await whenNotBusy(this.lockWaitMs, () => connection.executeQuery(CompiledQuery.raw(begin)));
  }

  /** After a full disk SQLite has already rolled back; a second rollback would raise an error that hides the first. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.database.isTransaction) await super.rollbackTransaction(connection);
  }
}

/** Retries work that failed only because another connection holds the lock, for up to `waitMs`. */
export async function whenNotBusy<T>(waitMs: number, attempt: () => Promise<T> | T): Promise<T> {
  const giveUpMs = performance.now() + waitMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpMs) throw error;
    }
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

/** Adapts node:sqlite to the better-sqlite3 interface that Kysely expects. */
function asKyselyDatabase(database: DatabaseSync): Exclude<SqliteDialectConfig['database'], () => unknown> {
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}
