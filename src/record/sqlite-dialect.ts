import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { CompiledQuery, type DatabaseConnection, SqliteDialect, SqliteDriver, type SqliteDialectConfig } from 'kysely';

/** How long to wait for another process's transaction. */
export const LOCK_WAIT_MS = 10_000;
const SQLITE_BUSY = 5;

/**
 * Kysely on `node:sqlite`. SQLite's own waiting for a lock would hold up everything in this process (progress, timers, streams), and two stores
 * of one process would wait for each other for ever; so a transaction takes its write lock first (`begin immediate`), and when that is
 * taken, waits outside SQLite, with short and random pauses: there is no event to wait for.
 */
export class NodeSqliteDialect extends SqliteDialect {
  private readonly config: SqliteDialectConfig;

  constructor(database: DatabaseSync) {
    const config = { database: asKyselyDatabase(database) };
    super(config);
    this.config = config;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.config);
  }
}

class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await whenNotBusy(() => connection.executeQuery(CompiledQuery.raw('begin immediate')));
  }
}

/** Repeats what fails only because another connection holds the lock, for at most ten seconds. */
export async function whenNotBusy<T>(attempt: () => Promise<T> | T): Promise<T> {
  const giveUpMs = performance.now() + LOCK_WAIT_MS;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpMs) throw error;
    }
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

export function isBusy(error: unknown): boolean {
  return (primaryCode(error) ?? 0) === SQLITE_BUSY;
}

/** SQLite's result code without its extension (sqlite.org/rescode.html); undefined for any other error. */
export function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Kysely asks for what better-sqlite3 offers; the same, in the words of node:sqlite. */
function asKyselyDatabase(database: DatabaseSync): SqliteDialectConfig['database'] {
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
