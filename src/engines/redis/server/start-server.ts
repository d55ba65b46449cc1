import { createHash, randomBytes } from 'node:crypto';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { ServerLogPatterns } from '../../server/server-process.ts';
import { ServerProcess } from '../../server/server-process.ts';
import type { Product } from '../product.ts';
import type { Account } from './client.ts';

/** The file that the server loads: if a dump has another name, it silently starts empty. */
export const DUMP_FILE = 'dump.rdb';

/** Where it looks for an append-only file, and the name that the file's manifest derives from. */
export const APPEND_ONLY_FOLDER = 'appendonlydir';
export const APPEND_ONLY_FILE = 'appendonly.aof';

export interface Accounts {
  /** The harness's own account. */
  readonly harness: Account;
  /** Can read everything and change nothing. */
  readonly check: Account;
}

export function createAccounts(): Accounts {
  const create = (user: string): Account => ({ user, password: randomBytes(24).toString('hex') });
  return { harness: create('firedrill'), check: create('firedrill_check') };
}

/** Where the server listens; not visible to the host: restored functions run as soon as it has loaded, and the client is in the sandbox. */
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

/**
 * Starts the server on the file in its data directory; it is ready once that is loaded completely. Passwords are passed through its standard input, as hashes.
 */
export function startServer(
  sandbox: Sandbox,
  product: Product,
  accounts: Accounts,
  restored: 'dump' | 'append-only' = 'dump',
): ServerProcess {
  const argv = findInServerDirs(sandbox, ['sh', '-c', START, 'start', sandbox.paths.data, product.server, '-']);
  return new ServerProcess(sandbox, argv, PATTERNS, configFor(sandbox, accounts, restored));
}

/** Without `aof-load-truncated no` the server loads everything before a cut, and reports that only in its log. */
const APPEND_ONLY = [
  'appendonly yes',
  `appenddirname ${APPEND_ONLY_FOLDER}`,
  `appendfilename ${APPEND_ONLY_FILE}`,
  'aof-load-truncated no',
  'auto-aof-rewrite-percentage 0',
];

/**
 * A dump is loaded without an append-only file: with one, the server would ignore the dump and start empty. The restored file is never overwritten, and no
 * replication or module is started.
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
