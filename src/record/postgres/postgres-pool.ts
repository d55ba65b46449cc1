import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { DrillError } from '../../support/errors.ts';
import { readPasswordFile } from '../../support/password-file.ts';
import { describeStore, type PostgresAddress } from '../store-address.ts';

/** Half of them are for writers, which wait for each other; the rest is for pages. */
const CONNECTIONS = 6;
const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;
/** An answer that takes longer will never arrive: the server cancels statements sooner. */
const ANSWER_MS = 90_000;

const INT8 = 20;
const NUMERIC = 1700;

export interface StorePool {
  readonly pool: pg.Pool;
  /** Closes all connections, including those that `pg` could not log in and leaves open, which would keep the process alive. */
  destroy(): Promise<void>;
}

/**
 * Connections to the store's server, opened on demand.
 * @param answerMs how long to wait for an answer; 0: forever.
 * @param name of the sessions, as shown by the server.
 *
 * Throws `store-failed` for a certificate that cannot be read.
 */
export function createPool(address: PostgresAddress, { answerMs = ANSWER_MS, name = 'firedrill' } = {}): StorePool {
  const { host, port, user, database } = address;
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    host,
    port,
    database,
    ...(user !== undefined && { user }),
    password: passwordOf(address),
    ssl: tlsOptions(address),
    stream: () => {
      const socket = new Socket();
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      return socket;
    },
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    query_timeout: answerMs,
    keepAlive: true,
    application_name: name,
    types: { getTypeParser: parserOf },
  });
  const ignore = () => undefined;
  pool.on('error', ignore); // of an idle connection, which the pool drops
  pool.on('connect', (client) => client.on('error', ignore)); // the statement in progress throws the same
  return {
    pool,
    async destroy() {
      await pool.end();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The password from the address, `PGPASSWORD`, or the password file. The file is not left to `pg`, which would print a warning in every command. */
function passwordOf(address: PostgresAddress): string | (() => Promise<string>) {
  return address.password ?? (process.env['PGPASSWORD'] || (() => readPassword(address)));
}

/** Called when a server asks for a password. */
async function readPassword(address: PostgresAddress): Promise<string> {
  const { host, port, database } = address;
  const user = address.user ?? process.env['PGUSER'] ?? userInfo().username;
  const password = await readPasswordFile({ host, port: String(port), database, user });
  if (password !== undefined) return password;
  throw new DrillError('store-failed', `the store ${describeStore(address)}: the server wants a password`, {
    hint: 'Set it in PGPASSWORD, in ~/.pgpass (with mode 0600), or as a variable in `store`.',
  });
}

/** Counts and sums are parsed as numbers, as in SQLite; they stay far below 2 ** 53. */
const parserOf: typeof pg.types.getTypeParser = ((oid: number, format: 'text') =>
  oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

/** The modes as in libpq: `require` also verifies if a CA is given. */
function tlsOptions({ tlsMode, rootCertFile, certFile, keyFile }: PostgresAddress): false | ConnectionOptions {
  if (tlsMode === 'disable') return false;
  const files = {
    ...(rootCertFile !== undefined && { ca: readPem(rootCertFile) }),
    ...(certFile !== undefined && { cert: readPem(certFile) }),
    ...(keyFile !== undefined && { key: readPem(keyFile) }),
  };
  if (tlsMode === 'require' && rootCertFile === undefined) return { ...files, rejectUnauthorized: false };
  return {
    ...files,
    rejectUnauthorized: true,
    ...(tlsMode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DrillError('store-failed', `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
      hint: 'Correct sslrootcert, sslcert and sslkey of `store`, or allow this user to read the files.',
    });
  }
}
