import type pg from 'pg';
import type { SealListener } from '../../engine.ts';
import { requireAnswers } from '../../server/require-answers.ts';
import { ServerProcess, untilListening, untilReady } from '../../server/server-process.ts';
import { explainUnanswered } from './ask-tables.ts';
import type { PostgresServer } from './postgres-server.ts';
import { POSTGRES_SIGNS } from './server-log-patterns.ts';
import { type Phase, serverArguments } from './settings.ts';
import { runRaw } from './wire.ts';

/**
 * Runs after a load: gathers statistics (a dump contains none, and without them a join over production-sized data takes hours). A relaxed server is also
 * stopped cleanly (its checkpoint writes everything out), every file is flushed, and it is restarted with durable settings.
 */
export async function sealServer(
  server: PostgresServer,
  signal: AbortSignal,
  onPart: SealListener = () => undefined,
): Promise<void> {
  const isRelaxed = server.options.durability !== 'production';
  const analyzing = isRelaxed ? SEAL_SHARES.statistics : 1;
  for (const [index, database] of [...server.loaded].entries())
    await gatherStatistics(server, database, signal, (share) =>
      onPart('gathering statistics', (analyzing * (index + share)) / server.loaded.size),
    );
  if (!isRelaxed) return;
  onPart('writing everything out', analyzing);
  const whileStopped = async () => onPart('flushing and starting', analyzing + SEAL_SHARES.checkpoint);
  await restartServer(server, 'serve', signal, { whileStopped });
}

/** Approximate share of a seal's time taken by each of its first two steps. */
const SEAL_SHARES = { statistics: 0.25, checkpoint: 0.15 };

export interface RestartOptions {
  /** Work that requires a stopped server. */
  readonly whileStopped?: () => Promise<void>;
  /** Settings that override all others. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Stops the server cleanly, and starts it with the settings of this phase; for `serve` everything is flushed in between. */
export async function restartServer(
  server: PostgresServer,
  phase: Phase,
  signal: AbortSignal,
  { whileStopped, settings: more = {} }: RestartOptions = {},
): Promise<void> {
  const { sandbox, tool } = server;
  if (!server.serverProcess.hasEnded) {
    await sandbox.exec([`${tool.dir}/pg_ctl`, 'stop', '-D', sandbox.paths.data, '--mode=fast', '--no-wait'], {
      signal,
    });
    await server.serverProcess.ended;
  }
  await whileStopped?.();
  await sandbox.guardRun?.('open');
  const gate = `${sandbox.paths.scratch}/${GATE}`;
  const script = `${phase === 'serve' ? FLUSH : ''}${START_GATED}`;
  const argv = ['sh', '-c', script, phase, tool.dir, sandbox.paths.data, gate];
  const settings = [
    ...serverArguments(sandbox, server.major, phase, server.options),
    ...Object.entries(more).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  server.serverProcess = new ServerProcess(sandbox, [...argv, ...settings], POSTGRES_SIGNS, 'gated');
  await untilListening(server.serverProcess, sandbox, signal);
  await sandbox.guardRun?.('closed');
  server.serverProcess.passGate();
  await untilReady(server.serverProcess, sandbox, signal);
  await server.withSession('postgres', signal, (client) => client.query('SELECT 1'));
}

/** Runs ANALYZE, the largest tables first, on as many sessions as there are CPUs. */
async function gatherStatistics(
  server: PostgresServer,
  database: string,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<void> {
  await server.withSession(database, signal, async (first) => {
    const tables = await listTables(first);
    const count = tables.length;
    let done = 0;
    onShare(0);
    const worker = async (client: pg.Client): Promise<void> => {
      for (let table = tables.shift(); table !== undefined; table = tables.shift()) {
        await analyze(client, table);
        done += 1;
        onShare(done / count);
      }
    };
    const helpers = Math.min(Math.floor(server.options.cpus), tables.length) - 1;
    await Promise.all([
      worker(first),
      ...Array.from({ length: Math.max(0, helpers) }, () => server.withSession(database, signal, worker)),
    ]);
  });
}

/** A function used by an index belongs to the data and may fail: this table's queries are then slower, but their results are the same. */
async function analyze(client: pg.Client, table: Buffer): Promise<void> {
  try {
    await runRaw(client, ANALYZE, table);
  } catch (error) {
    const { code, message: why } = error as { readonly code?: unknown; readonly message: string };
    if (isOwnRefusal(code)) return;
    const finding =
      typeof code === 'string' ? explainUnanswered({ name: table.toString('utf8'), code, why }) : undefined;
    if (finding) requireAnswers([finding]);
    throw error;
  }
}

/** An error raised by a function (P0), or by its statements (22, 42); not one of the server, its disk or damaged data. */
function isOwnRefusal(sqlState: unknown): boolean {
  return typeof sqlState === 'string' && /^(?:P0|22|42)/.test(sqlState);
}

/** @returns quoted names as raw bytes, which need not be UTF-8 in a SQL_ASCII database. */
async function listTables(client: pg.Client): Promise<Buffer[]> {
  const result = await client.query<{ name: Buffer }>(
    `SELECT textsend(format('%I.%I', n.nspname, c.relname)) AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND pg_relation_size(c.oid) > 0
      ORDER BY pg_relation_size(c.oid) DESC`,
  );
  return result.rows.map(({ name }) => name);
}

const ANALYZE = Buffer.from('ANALYZE ');

const GATE = '.gate';

/**
 * initdb's own flush covers every file, including tablespaces. The settings of ALTER SYSTEM and the authentication rules are reset to those at boot: a dump
 * contains no server configuration.
 */
const FLUSH = `
set -eu
umask 077
: > "$2/postgresql.auto.conf"
echo 'local all all scram-sha-256' > "$2/pg_hba.conf"
rm -f "$2/recovery.signal" "$2/standby.signal"
"$1/initdb" --sync-only -D "$2" >/dev/null
`;

/**
 * The socket's directory may be shared with the host, and must not be exposed to anything that the restored data does when a server starts (background workers,
 * a restore_command configured by a superuser's COPY). The postmaster creates its socket, writes its process id to external_pid_file, and only then starts its
 * first child (PostmasterMain). Opening a FIFO blocks until there is a reader, which comes after the harness has closed the directory and reported that on
 * standard input. The reader is an orphan, since a postmaster does not expect children that it did not start.
 */
const START_GATED = `
set -eu
bin=$1 data=$2 gate=$3
shift 3
rm -rf "$gate"
mkfifo "$gate"
exec 3<&0
( { IFS= read -r line <&3 && cat "$gate"; } > /dev/null 2>&1 & )
exec "$bin/postgres" -D "$data" "$@" -c external_pid_file="$gate" 3<&- < /dev/null
`;
