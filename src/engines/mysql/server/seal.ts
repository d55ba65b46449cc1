import type { SealListener } from '../../engine.ts';
import { requireAnswers } from '../../server/require-answers.ts';
import { ServerProcess, untilReady } from '../../server/server-process.ts';
import { askTables } from './ask-tables.ts';
import type { Session } from './connect.ts';
import { explainUnanswered } from './explain-unanswered.ts';
import { explainFailedRestart } from './failed-restart.ts';
import type { MysqlServer } from './mysql-server.ts';
import { quoteName, quoteText } from './quoting.ts';
import { explainRefusal } from './server-errors.ts';
import { MYSQL_SIGNS } from './server-log-patterns.ts';
import { SERVER_DIRECTORIES, serverArguments } from './settings.ts';
import { FLUSH_DATA, TAKE_ACCOUNTS } from './start-steps.ts';

/**
 * Runs after a load: gathers statistics; a relaxed server is also stopped cleanly (which writes everything out), its data flushed, and started with durable
 * settings. Ends when every restored table has answered a query. From then on only the harness can write. The restart recreates the harness's account before
 * any client can connect, in case a dump replaced the accounts.
 */
export async function sealServer(
  server: MysqlServer,
  signal: AbortSignal,
  onPart: SealListener = () => undefined,
): Promise<void> {
  const hasLostAccount = await server.ensureAccount(signal);
  const tables = await listTables(server, signal);
  const isRelaxed = server.options.durability === 'relaxed';
  const analyzing = isRelaxed ? SEAL_SHARES.statistics : 1;
  await gatherStatistics(server, [...tables], signal, (share) => onPart('gathering statistics', analyzing * share));
  if (isRelaxed) {
    onPart('writing everything out', analyzing);
    const whileStopped = async () => onPart('flushing and starting', analyzing + SEAL_SHARES.shutdown);
    await restart(server, hasLostAccount, signal, [], whileStopped);
  }
  requireAnswers((await askTables(server, [...server.loaded], signal)).unanswered.map(explainUnanswered));
  await closeForWriting(server, signal);
}

/** Approximate shares of a seal's duration that its first two steps take. */
const SEAL_SHARES = { statistics: 0.3, shutdown: 0.4 };

/** The same for a durable server that was started on a backup's files: they include statistics, and its tables have been queried already. */
export async function sealRecovered(server: MysqlServer, signal: AbortSignal): Promise<void> {
  await server.ensureAccount(signal);
  await closeForWriting(server, signal);
}

async function closeForWriting(server: MysqlServer, signal: AbortSignal): Promise<void> {
  await server.administer(signal, async (session) => {
    await session.execute('SET GLOBAL init_connect = DEFAULT');
    await session.execute('SET GLOBAL read_only = ON');
  });
}

/** Largest table first. */
function listTables(server: MysqlServer, signal: AbortSignal): Promise<readonly string[]> {
  if (server.loaded.size === 0) return Promise.resolve([]);
  return server.administer(signal, async (session) => {
    const databases = [...server.loaded].map(quoteText).join(', ');
    const rows = await session.ask(
      `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
        WHERE TABLE_SCHEMA IN (${databases}) AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW')
        ORDER BY COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0) DESC`,
    );
    return rows.map(([schema, name]) => `${quoteName(String(schema))}.${quoteName(String(name))}`);
  });
}

/** Uses as many sessions as there are CPUs. A table's failure is reported in the result rows, not as an error: it costs speed, not data. */
async function gatherStatistics(
  server: MysqlServer,
  tables: string[],
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<void> {
  const count = tables.length;
  let done = 0;
  const worker = async (session: Session): Promise<void> => {
    for (let table = tables.shift(); table !== undefined; table = tables.shift()) {
      await session.execute(`ANALYZE NO_WRITE_TO_BINLOG TABLE ${table}`);
      done += 1;
      onShare(done / count);
    }
  };
  const workers = Math.min(Math.max(1, Math.floor(server.options.cpus)), tables.length);
  await Promise.all(Array.from({ length: workers }, () => server.administer(signal, worker)));
}

/**
 * Stops the server cleanly, and starts it with durable settings.
 * @param more arguments that override all others.
 * @param whileStopped does not throw.
 */
export async function restart(
  server: MysqlServer,
  hasLostAccount: boolean,
  signal: AbortSignal,
  more: readonly string[] = [],
  whileStopped: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { sandbox, flavor, tools, adminSession } = server;
  const redo = flavor.redoSwitch(server.version);
  try {
    if (redo) await adminSession.execute(redo.on);
    await adminSession.execute('SHUTDOWN');
  } catch (error) {
    throw explainRefusal(await server.explainLoss(error, signal), 'to stop');
  }
  await server.serverProcess.ended;
  await adminSession.close();
  signal.throwIfAborted();
  await whileStopped();
  await sandbox.guardRun?.('open'); // it runs nothing from the restored data before it is ready: no events, no programs, only the image's plug-ins
  const argv = [
    ...['sh', '-c', FLUSH_AND_START, 'seal', tools.server, sandbox.paths.data, sandbox.paths.scratch],
    ...serverArguments(sandbox, flavor, tools, 'serve', server.options),
    ...(hasLostAccount ? flavor.repairArguments : []),
    ...more,
  ];
  const accounts = server.accountStatements().map((line) => `${line};\n`);
  server.serverProcess = new ServerProcess(sandbox, argv, MYSQL_SIGNS, accounts.join(''));
  try {
    await untilReady(server.serverProcess, sandbox, signal);
  } catch (error) {
    throw await explainFailedRestart(error, server, signal);
  }
  await sandbox.guardRun?.('closed');
  await server.openAdminSession(signal);
}

const FLUSH_AND_START = `
set -eu
umask 077
server=$1 data=$2 scratch=$3
shift 3
${TAKE_ACCOUNTS}for plugin in "$scratch/${SERVER_DIRECTORIES.plugins}"/*.so; do
  [ ! -e "$plugin" ] || set -- "$@" "--loose-plugin-load-add=\${plugin##*/}"
done
${FLUSH_DATA}exec "$server" "$@" --init-file=/dev/fd/3 < /dev/null
`;
