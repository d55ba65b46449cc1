import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { versionIn } from '../../../support/versions.ts';
import type { BootOptions } from '../../engine.ts';
import { ServerProcess, untilReady } from '../../server/server-process.ts';
import { BootedPostgres } from './booted-postgres.ts';
import { closeClient, openClient } from './connect.ts';
import { quoteIdentifier, quoteLiteral } from './dump-names.ts';
import { findTools } from './installed-tools.ts';
import { requireLibraries } from './preload.ts';
import { POSTGRES_SIGNS } from './server-log-patterns.ts';
import { serverArguments } from './settings.ts';

/**
 * Creates a data directory and starts a server on it, in a single exec; returns once a query has been answered. The bootstrap superuser is still `postgres`,
 * because dumps name it as grantor; the harness works as its own superuser with a random name and password, so that no dump can lock it out.
 */
export async function bootServer(sandbox: Sandbox, options: BootOptions): Promise<BootedPostgres> {
  const { signal } = options;
  const tools = await findTools(sandbox, signal);
  requireLibraries(options.preload, tools, sandbox.provenance.name);
  const { server: tool } = tools;
  const major = Number(tool.major);
  const [initial, password, checkPassword] = [makePassword(), makePassword(), makePassword()];
  const argv = [
    ...['sh', '-c', INIT_AND_START, 'boot', tool.dir, sandbox.paths.data, sandbox.paths.scratch],
    ...[localeArguments(major), initOptions(major)],
    ...serverArguments(sandbox, major, 'load', options),
  ];
  const serverProcess = new ServerProcess(sandbox, argv, POSTGRES_SIGNS, `${initial}\n`);
  try {
    await untilReady(serverProcess, sandbox, signal);
    const user = `firedrill_${randomBytes(4).toString('hex')}`;
    const connection = sandbox.connect(`${sandbox.paths.run}/.s.PGSQL.5432`);
    const login = { user: 'postgres', password: initial, database: 'postgres', settings: {} };
    const client = await openClient(connection, login, signal);
    await client.query(`CREATE ROLE ${quoteIdentifier(user)} LOGIN SUPERUSER PASSWORD ${quoteLiteral(password)}`);
    const banner = String((await client.query('SHOW server_version')).rows[0]?.server_version);
    await closeClient(client);
    await sandbox.guardRun?.('closed');
    const version = versionIn(banner) ?? tool.version;
    const parts = { sandbox, connection, tool, version, user, password, options, serverProcess };
    return new BootedPostgres(parts, checkPassword);
  } catch (error) {
    const failed = serverProcess.hasEnded && !signal.aborted;
    await serverProcess.kill();
    throw failed ? serverProcess.explain('the server did not start') : error;
  }
}

/** The bootstrap superuser, the harness and the check user each have their own: somebody who is given one password cannot use the others. */
function makePassword(): string {
  return randomBytes(24).toString('hex');
}

/**
 * UTF-8 with code-point order: dumps that name a locale get it with their database, and for all others this is the fastest to index. The builtin provider (17
 * and later) needs nothing from the operating system.
 */
function localeArguments(major: number): string {
  return major >= 17 ? '--locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C' : '--locale=C.UTF-8';
}

/**
 * With these given, initdb (16 and later) does not search for them by starting servers, which saves a quarter of its time. The values do not matter: {@link
 * serverArguments} sets both.
 */
function initOptions(major: number): string {
  const sizes = major >= 16 ? '--set max_connections=20 --set shared_buffers=400kB' : '';
  return major >= 18 ? `${sizes} --no-data-checksums` : sizes;
}

/**
 * The password is passed on standard input, and is in a file only while initdb reads it. The second call of initdb is for
 * systems without C.UTF-8. The arguments for initdb are split into words; everything else is quoted.
 */
const INIT_AND_START = `
set -eu
umask 077
bin=$1 data=$2 secret=$3/.initial-password locale=$4 options=$5
shift 5
IFS= read -r password
printf '%s' "$password" > "$secret"
init() { "$bin/initdb" -D "$data" -U postgres --pwfile="$secret" --auth=scram-sha-256 --encoding=UTF8 --no-sync $options "$@" >/dev/null; }
init $locale || init --locale=C
rm -f "$secret"
unset password
exec "$bin/postgres" -D "$data" "$@"
`;
