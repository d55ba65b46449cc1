import type pg from 'pg';
import { ServerProcess, untilReady } from '../server-process.ts';
import { quoteIdentifier } from './dump-names.ts';
import type { PostgresServer } from './postgres-server.ts';
import { POSTGRES_SIGNS } from './server-signs.ts';
import { type Phase, serverArguments } from './settings.ts';

/**
 * After a load: statistics (a dump brings none, and without them a join over production-sized data takes hours), and for a relaxed
 * server a clean stop (its checkpoint writes everything out), a flush of every file, and a start with durable settings.
 */
export async function sealServer(server: PostgresServer, signal: AbortSignal): Promise<void> {
  for (const database of server.loaded) await gatherStatistics(server, database, signal);
  if (server.options.durability === 'production') return;
  await restartServer(server, 'serve', signal);
}

/** A clean stop, and a start with the settings of this phase; for `serve` everything is flushed in between. */
export async function restartServer(server: PostgresServer, phase: Phase, signal: AbortSignal): Promise<void> {
  const { sandbox, tool } = server;
  await sandbox.exec([`${tool.dir}/pg_ctl`, 'stop', '-D', sandbox.paths.data, '--mode=fast', '--no-wait'], { signal });
  await server.serverProcess.ended;
  await sandbox.guardRun?.('open');
  const script = phase === 'serve' ? FLUSH_AND_START : START;
  const argv = ['sh', '-c', script, phase, tool.dir, sandbox.paths.data];
  const settings = serverArguments(sandbox, server.major, phase, server.options);
  server.serverProcess = new ServerProcess(sandbox, [...argv, ...settings], POSTGRES_SIGNS);
  await untilReady(server.serverProcess, sandbox, signal);
  await sandbox.guardRun?.('closed');
  await server.withSession('postgres', signal, (client) => client.query('SELECT 1'));
}

/** ANALYZE, the largest tables first, on as many sessions as there are CPUs. */
async function gatherStatistics(server: PostgresServer, database: string, signal: AbortSignal): Promise<void> {
  await server.withSession(database, signal, async (first) => {
    const tables = await listTables(first);
    const worker = async (client: pg.Client): Promise<void> => {
      for (let table = tables.shift(); table !== undefined; table = tables.shift()) await analyze(client, table);
    };
    const helpers = Math.min(Math.floor(server.options.cpus), tables.length) - 1;
    await Promise.all([
      worker(first),
      ...Array.from({ length: Math.max(0, helpers) }, () => server.withSession(database, signal, worker)),
    ]);
  });
}

/** A function behind an index, which is the data's own, may refuse: then this table's queries are slower, and no answer is another. */
async function analyze(client: pg.Client, table: string): Promise<void> {
  try {
    await client.query(`ANALYZE ${table}`);
  } catch (error) {
    if (!isOwnRefusal((error as { code?: unknown }).code)) throw error;
  }
}

/** An error that a function raised (P0), or of the statements in it (22, 42); not one of the server, its disk or damaged data. */
function isOwnRefusal(sqlState: unknown): boolean {
  return typeof sqlState === 'string' && /^(?:P0|22|42)/.test(sqlState);
}

async function listTables(client: pg.Client): Promise<string[]> {
  const result = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND pg_relation_size(c.oid) > 0
      ORDER BY pg_relation_size(c.oid) DESC`,
  );
  return result.rows.map(({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
}

/**
 * initdb's own flush walks every file, tablespaces included. What ALTER SYSTEM wrote, and who may connect, are as at boot: a dump brings
 * no configuration of the server.
 */
const FLUSH_AND_START = `
set -eu
umask 077
bin=$1 data=$2
shift 2
: > "$data/postgresql.auto.conf"
echo 'local all all scram-sha-256' > "$data/pg_hba.conf"
"$bin/initdb" --sync-only -D "$data" >/dev/null
exec "$bin/postgres" -D "$data" "$@"
`;

const START = 'bin=$1 data=$2; shift 2; exec "$bin/postgres" -D "$data" "$@"';
