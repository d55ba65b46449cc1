import { createHash, randomBytes } from 'node:crypto';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { ServerLogPatterns } from '../../server/server-process.ts';
import { ServerProcess } from '../../server/server-process.ts';
import type { Product } from '../product.ts';
import type { Account } from './client.ts';

/** The file that the server is told to load: it starts empty, and says nothing, when a dump has another name. */
export const DUMP_FILE = 'dump.rdb';

/** Where it looks for an append-only file, and what the file's manifest is named after. */
export const APPEND_ONLY_FOLDER = 'appendonlydir';
export const APPEND_ONLY_FILE = 'appendonly.aof';

export interface Accounts {
  /** The harness's own. */
  readonly harness: Account;
  /** Can read everything and change nothing. */
  readonly check: Account;
}

export function createAccounts(): Accounts {
  const create = (user: string): Account => ({ user, password: randomBytes(24).toString('hex') });
  return { harness: create('firedrill'), check: create('firedrill_check') };
}

/** Where the server listens. Not where the host could see it: restored functions run as soon as it loads, and the client is in the sandbox. */
export function socketIn({ paths }: Pick<Sandbox, 'paths'>): string {
  return `${paths.data}/server.sock`;
}

const PATTERNS: ServerLogPatterns = {
  ready: /Ready to accept connections|ready to accept connections at/,
  diskFull: /No space left on device/,
  outOfMemory: /Out Of Memory allocating/i,
  damaged:
    /(?:Short read or OOM loading DB|Wrong RDB checksum|RDB CRC error|Unexpected EOF reading RDB|Unexpected end of file reading the append only file|Bad file format reading the append only file|Internal error in RDB|Wrong signature trying to load DB|Unknown (?:RDB|object) (?:string )?(?:encoding )?type).*/,
  noise: /oO0OoO0OoO0Oo|Memory overcommit|monotonic clock|Configuration loaded|Reading config from stdin/,
};

const START = 'cd "$1"; shift; exec "$@" >&2';

/** Starts the server on the file in its data directory; ready once all of that is loaded. Passwords go by its standard input, as hashes. */
export function startServer(
  sandbox: Sandbox,
  product: Product,
  accounts: Accounts,
  restored: 'dump' | 'append-only' = 'dump',
): ServerProcess {
  const argv = findInServerDirs(sandbox, ['sh', '-c', START, 'start', sandbox.paths.data, product.server, '-']);
  return new ServerProcess(sandbox, argv, PATTERNS, configFor(sandbox, accounts, restored));
}

/** Without `aof-load-truncated no` the server loads what comes before a cut, and says so only in its log. */
const APPEND_ONLY = [
  'appendonly yes',
  `appenddirname ${APPEND_ONLY_FOLDER}`,
  `appendfilename ${APPEND_ONLY_FILE}`,
  'aof-load-truncated no',
  'auto-aof-rewrite-percentage 0',
];

/**
 * A dump without an append-only file: with one, the server ignores the dump and starts empty. Nothing is saved over the restored file, no replication is
 * begun, no module is loaded.
 */
function configFor(sandbox: Sandbox, { harness, check }: Accounts, restored: 'dump' | 'append-only'): string {
  return [
    'port 0',
    `unixsocket "${socketIn(sandbox)}"`,
    'unixsocketperm 700',
    `dir "${sandbox.paths.data}"`,
    `dbfilename ${DUMP_FILE}`,
    'databases 16384',
    ...(restored === 'dump' ? ['appendonly no'] : APPEND_ONLY),
    'save ""',
    'logfile ""',
    'daemonize no',
    'rdbchecksum yes',
    'maxmemory 0',
    'user default off',
    `user ${harness.user} on ${hashOf(harness)} ~* &* +@all`,
    `user ${check.user} on ${hashOf(check)} ~* -@all +@read +ping +info +dbsize +select`,
    '',
  ].join('\n');
}

function hashOf({ password }: Account): string {
  return `#${createHash('sha256').update(password).digest('hex')}`;
}
