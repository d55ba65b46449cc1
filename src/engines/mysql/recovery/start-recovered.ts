import { randomBytes } from 'node:crypto';
import type { DrillError } from '../../../support/errors.ts';
import { versionIn } from '../../../support/versions.ts';
import { ServerProcess, untilReady } from '../../server/server-process.ts';
import { accountStatements } from '../server/accounts.ts';
import { BootedMysql } from '../server/booted-mysql.ts';
import { openSession } from '../server/connect.ts';
import { RECOVERED_SIGNS } from '../server/server-log-patterns.ts';
import { serverArguments, socketOf } from '../server/settings.ts';
import { FLUSH_DATA, LINK_PLUGINS, MAKE_DIRECTORIES, TAKE_ACCOUNTS } from '../server/start-steps.ts';
import { explainStart, settingAskedFor } from './explain-start.ts';
import { RecoveryLog } from './recovery-log.ts';
import type { RecoverySite } from './recovery-site.ts';

export interface RecoveredServer {
  readonly server: BootedMysql;
  readonly log: RecoveryLog;
}

export interface StartOptions {
  /** The backup's key, for use in messages. */
  readonly key: string;
  /** File layout, see `Unpacked.settings`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly onDoing: (doing: string) => void;
  /** Called first to explain a failed start, with the errors in the server's log. */
  readonly explain?: ((key: string, lines: readonly string[]) => DrillError | undefined) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Flushes the existing data directory to disk, and starts a durable server on it, with crash recovery. Whatever passwords its accounts have, the harness gets
 * its own account before the server accepts a connection. Configuration in the data is not read; none of its events, replicas or plugins run. If the data
 * directory requires another page size or letter case, the server is started again with it.
 * @throws DrillError `backup-corrupt`, `backup-truncated`, `version-unsupported`, `image-incomplete`, `restore-failed`, and what ends any server.
 */
export async function startRecovered(site: RecoverySite, options: StartOptions): Promise<RecoveredServer> {
  const log = new RecoveryLog();
  try {
    return { server: await startOnce(site, log, options), log };
  } catch (error) {
    options.signal.throwIfAborted();
    const asked = settingAskedFor(log.lines);
    if (!asked) throw explain(options, log, error);
    const again = new RecoveryLog();
    const settings = { ...options.settings, ...asked };
    const server = await startOnce(site, again, { ...options, settings }).catch((cause: unknown) => {
      throw explain(options, again, cause);
    });
    return { server, log: again };
  }
}

function explain({ key, explain: ask }: StartOptions, { lines }: RecoveryLog, error: unknown): unknown {
  return ask?.(key, lines) ?? explainStart(key, lines, error);
}

async function startOnce(
  { sandbox, flavor, tools, boot }: RecoverySite,
  log: RecoveryLog,
  { settings, onDoing, signal }: StartOptions,
): Promise<BootedMysql> {
  const login = {
    user: `firedrill_${randomBytes(4).toString('hex')}`,
    password: randomBytes(24).toString('hex'),
    database: undefined,
  };
  // crash recovery and the doublewrite buffer need durable settings, so no restart is needed to seal the server
  const options = { ...boot, durability: 'production' as const, settings: { ...boot.settings, ...settings } };
  await sandbox.guardRun?.('open');
  const argv = [
    ...['sh', '-c', START, 'recover', tools.server],
    ...[sandbox.paths.data, sandbox.paths.scratch, tools.plugins ?? ''],
    ...serverArguments(sandbox, flavor, tools, 'serve', options),
  ];
  const accounts = accountStatements(flavor, login).map((line) => `${line};\n`);
  const serverProcess = new ServerProcess(sandbox, argv, RECOVERED_SIGNS, accounts.join(''), (line) => {
    const before = log.doing;
    log.readLine(line);
    if (log.doing !== before) onDoing(log.doing);
  });
  try {
    await untilReady(serverProcess, sandbox, signal);
    await sandbox.guardRun?.('closed');
    const connection = sandbox.connect(socketOf(sandbox));
    const session = await openSession(connection, login, sandbox.gone);
    const [row] = await session.ask('SELECT VERSION()');
    const version = versionIn(String(row?.[0]), 3) ?? tools.version;
    const server = new BootedMysql({
      sandbox,
      flavor,
      tools,
      login,
      options,
      connection,
      version,
      serverProcess,
      session,
    });
    server.hasSystemData = true;
    server.hasSystemTables = true;
    return server;
  } catch (error) {
    const failed = serverProcess.hasEnded && !signal.aborted;
    await serverProcess.kill();
    throw failed ? serverProcess.explain('the server did not start on the restored files') : error;
  }
}

/** The accounts are passed on standard input, never as an argument. `--no-defaults` ignores a configuration file in the data directory. */
const START = `
set -eu
umask 077
server=$1 data=$2 scratch=$3 plugins=$4
shift 4
${MAKE_DIRECTORIES}${TAKE_ACCOUNTS}${LINK_PLUGINS}${FLUSH_DATA}
exec "$server" "$@" --init-file=/dev/fd/3 < /dev/null
`;
