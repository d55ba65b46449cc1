import {
  CompiledQuery,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type PostgresPool,
  type PostgresPoolClient,
  type TransactionSettings,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { asIdentifier } from './identifier.ts';
import { isConnectionLost } from './postgres-errors.ts';

export interface TransactionLimits {
  readonly schema: string;
  /** How long to wait for a lock. */
  readonly lockWaitMs: number;
}

/** Longer statements are canceled by the server, and so are transactions of a stalled client, which would hold the write lock. */
const STATEMENT_MS = 60_000;
const SILENT_MS = 15_000;

/** Kysely on `pg`, for a store in a schema of its own. */
export class StorePostgresDialect extends PostgresDialect {
  private readonly config: PostgresDialectConfig;
  private readonly limits: TransactionLimits;

  constructor(pool: Pool, limits: TransactionLimits) {
    const config = { pool: asKyselyPool(pool) };
    super(config);
    this.config = config;
    this.limits = limits;
  }

  override createDriver(): PostgresDriver {
    return new StorePostgresDriver(this.config, this.limits);
  }
}

/** Settings are sent with each transaction, because a pooler in between may use another session for the next one. */
export function beginStatement({ schema, lockWaitMs }: TransactionLimits, isReadOnly: boolean): string {
  return [
    `start transaction isolation level ${isReadOnly ? 'repeatable read, read only' : 'read committed'}`,
    `set local search_path = ${asIdentifier(schema)}, pg_temp`,
    `set local lock_timeout = ${lockWaitMs}`,
    `set local statement_timeout = ${STATEMENT_MS}`,
    `set local idle_in_transaction_session_timeout = ${SILENT_MS}`,
  ].join('; ');
}

type Connection = Parameters<PostgresDriver['rollbackTransaction']>[0];

class StorePostgresDriver extends PostgresDriver {
  private readonly limits: TransactionLimits;

  constructor(config: PostgresDialectConfig, limits: TransactionLimits) {
    super(config);
    this.limits = limits;
  }

  override async beginTransaction(connection: Connection, settings: TransactionSettings): Promise<void> {
    const begin = beginStatement(this.limits, settings.accessMode === 'read only');
    try {
      await connection.executeQuery(CompiledQuery.raw(begin));
    } catch (error) {
      await this.rollbackTransaction(connection);
      throw error;
    }
  }

  /** A lost connection loses its transaction and is not reused; its error must not hide the first one. */
  override async rollbackTransaction(connection: Connection): Promise<void> {
    await Promise.allSettled([super.rollbackTransaction(connection)]);
  }
}

/** Postgres cannot store NUL in a text; its symbol is stored instead. */
export function withoutNul<T>(value: T): T | string {
  return typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value;
}

function asKyselyPool(pool: Pool): PostgresPool {
  const known = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    options: {},
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      const wrapped = known.get(client) ?? wrap(client);
      known.set(client, wrapped);
      return wrapped;
    },
  };
}

/** Nothing more is sent on a lost connection: a statement to a silent server would wait as long as the previous one did. */
function wrap(client: PoolClient): PostgresPoolClient {
  let lost: unknown;
  const query = async (sql: string, parameters: readonly unknown[]) => {
    if (lost !== undefined) throw lost;
    try {
      return await client.query(sql, parameters.map(withoutNul));
    } catch (error) {
      if (isConnectionLost(error)) lost = error;
      throw error;
    }
  };
  return {
    query: query as unknown as PostgresPoolClient['query'], // cursors are not used
    release: (destroy) => client.release(destroy),
  };
}
