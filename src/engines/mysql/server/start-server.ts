import { randomBytes } from 'node:crypto';
import type { Connection, Sandbox } from '../../../sandbox/sandbox.ts';
import { versionIn } from '../../../support/versions.ts';
import type { BootOptions } from '../../engine.ts';
import { ServerProcess, untilReady } from '../../server/server-process.ts';
import type { Flavor } from '../flavor.ts';
import { accountStatements } from './accounts.ts';
import { type Login, openSession, type Session } from './connect.ts';
import type { InstalledTools } from './installed-tools.ts';
import { MYSQL_SIGNS } from './server-log-patterns.ts';
import { serverArguments, socketOf } from './settings.ts';
import { LINK_PLUGINS, MAKE_DIRECTORIES } from './start-steps.ts';
import { HOST_ZONES, loadZones, readZones } from './zone-tables.ts';

export interface StartParts {
  readonly sandbox: Sandbox;
  readonly flavor: Flavor;
  readonly tools: InstalledTools;
  /** The harness's own account. */
  readonly login: Login;
  readonly options: Omit<BootOptions, 'signal'>;
}

export interface StartedServer {
  readonly connection: Connection;
  readonly version: string;
  readonly serverProcess: ServerProcess;
  readonly session: Session;
}

/**
 * Creates a data directory with the harness's own account and starts a server on it, in one exec; returns when a query has been answered. `root` remains as the
 * account that dumps name as definer, but cannot log in. The directory's previous contents are removed.
 * @throws DrillError `server-failed`, `disk-full`, `out-of-memory`, or the signal's reason.
 */
export async function startServer(parts: StartParts, signal: AbortSignal): Promise<StartedServer> {
  const { sandbox, flavor, tools, login, options } = parts;
  const argv = [
    ...['sh', '-c', `${PREAMBLE}${flavor.initialise}${INITIALISE_AND_START}`, 'boot'],
    ...[tools.server, sandbox.paths.scratch, tools.share, tools.plugins ?? '', sandbox.paths.data],
    ...serverArguments(sandbox, flavor, tools, 'load', options),
  ];
  const accounts = [...accountStatements(flavor, login), lockRoot(flavor)];
  const serverProcess = new ServerProcess(sandbox, argv, MYSQL_SIGNS, accounts.map((line) => `${line};\n`).join(''));
  const zones = readZones(HOST_ZONES); // in parallel with the server's start
  let session: Session | undefined;
  try {
    await untilReady(serverProcess, sandbox, signal);
    await sandbox.guardRun?.('closed');
    const connection = sandbox.connect(socketOf(sandbox));
    session = await openSession(connection, login, sandbox.gone);
    signal.throwIfAborted();
    const [row] = await session.ask('SELECT VERSION()');
    const version = versionIn(String(row?.[0]), 3) ?? tools.version;
    const redo = options.durability === 'relaxed' ? flavor.redoSwitch(version) : undefined;
    if (redo) await session.execute(redo.off);
    await loadZones(await zones, { sandbox, flavor, session, signal });
    return { connection, version, serverProcess, session };
  } catch (error) {
    const failed = serverProcess.hasEnded && !signal.aborted;
    await session?.close();
    await serverProcess.kill();
    throw failed ? serverProcess.explain('the server did not start') : error;
  }
}

function lockRoot(flavor: Flavor): string {
  return `ALTER USER 'root'@'localhost' ${flavor.identifiedBy(randomBytes(24).toString('hex'))} ACCOUNT LOCK`;
}

const PREAMBLE = `
set -eu
umask 077
server=$1 scratch=$2 share=$3 plugins=$4 data=$5
shift 5
rm -rf "$data"/* "$data"/.[!.]*
${MAKE_DIRECTORIES}`;

/** The accounts are passed on standard input, never as an argument. They exist before the server accepts its first connection. */
const INITIALISE_AND_START = `
initialise "$@"
${LINK_PLUGINS}exec "$server" "$@" < /dev/null
`;
