import type { BackupContent } from '../../src/backup/content.ts';
import type { Server } from '../../src/engines/engine.ts';
import { MysqlServer } from '../../src/engines/mysql/server/mysql-server.ts';
import { PostgresServer } from '../../src/engines/postgres/server/postgres-server.ts';
import { openSessionPool, type SessionPool } from '../../src/verify/session-pool.ts';
import type { EngineUnderTest } from '../contracts/engine-contract.ts';
import { inspectLogical } from '../engines/logical.ts';
import { bytesContent } from '../support/fake-content.ts';
import type { Product, Sample } from './sample.ts';

const never = new AbortController().signal;

/** A server into which a sample is restored again for each kind of damage. */
export interface DamagedCopies extends AsyncDisposable {
  readonly server: Server;
  readonly database: string;
  /** Restores the sample and runs the statements. @returns the sessions for checks, valid until the next restore. */
  restore(statements: readonly string[]): Promise<SessionPool>;
}

export async function openDamagedCopies(
  subject: EngineUnderTest,
  product: Product,
  sample: Sample,
): Promise<DamagedCopies> {
  const dump = await sample.dump(subject, product);
  const content = (): BackupContent => bytesContent(dump, `${sample.name}.sql`);
  const sandbox = await subject.startSandbox();
  const boot = { durability: 'relaxed', memoryBytes: 1024 * 2 ** 20, cpus: 2, preload: [], settings: {} } as const;
  const server = await subject.boot(sandbox, { ...boot, signal: never });
  if (!server.version.startsWith(subject.major)) {
    await sandbox.dispose();
    throw new Error(`${subject.name} is a server ${server.version}`);
  }
  const load = {
    jobs: 2,
    database: sample.name,
    ignoreErrors: [/already exists/],
    onProgress: () => undefined,
    signal: never,
  };
  let pool: SessionPool | undefined;
  return {
    server,
    database: sample.name,
    async restore(statements) {
      await pool?.[Symbol.asyncDispose]();
      await dropDatabase(server, sample.name);
      const loading = await inspectLogical(subject.engine, content()).then((one) => one.stage(sandbox, never));
      const outcome = await loading.load(server, load);
      if (outcome.errorCount > 0) throw new Error(outcome.errors.join('\n'));
      await execute(server, sample.name, [...sample.prepare(product), ...statements]);
      pool = openSessionPool(server, { defaultDatabase: outcome.database, cpus: 2, signal: never });
      return pool;
    },
    async [Symbol.asyncDispose]() {
      await pool?.[Symbol.asyncDispose]();
      await sandbox.dispose();
    },
  };
}

async function dropDatabase(server: Server, name: string): Promise<void> {
  if (server instanceof PostgresServer) {
    await server.withSession('postgres', never, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    );
  } else {
    await MysqlServer.of(server).withSession(undefined, never, (session) =>
      session.execute(`DROP DATABASE IF EXISTS ${name}`),
    );
  }
}

/** Runs statements one after the other, as the harness, without foreign keys and triggers. */
async function execute(server: Server, database: string, statements: readonly string[]): Promise<void> {
  if (server instanceof PostgresServer) {
    await server.withSession(database, never, async (client) => {
      await client.query('SET session_replication_role = replica; SET search_path = public');
      for (const statement of statements) await client.query(statement);
      await client.query('ANALYZE');
    });
    return;
  }
  await MysqlServer.of(server).withSession(database, never, async (session) => {
    await session.execute('SET FOREIGN_KEY_CHECKS = 0');
    for (const statement of statements) await session.execute(statement);
  });
}
