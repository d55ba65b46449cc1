import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { DrillError } from '../../support/errors.ts';
import { readPasswordFile } from '../../support/password-file.ts';
import { describeStore, type PostgresAddress } from '../store-address.ts';

/** Half of them are for writers, which wait for one another; the rest is for pages. */
const CONNECTIONS = 6;
const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;
/** What of an answer takes longer than this never comes: the server gives up a statement sooner. */
const ANSWER_MS = 90_000;

const INT8 = 20;
const NUMERIC = 1700;

export interface StorePool {
  readonly pool: pg.Pool;
  /** Ends all connections, also those that `pg` could not log in and leaves open: they would keep the process alive. */
  destroy(): Promise<void>;
}

/**
 * Connections to the store's server, made when they are needed.
 * @param answerMs how long an answer may take; 0: for ever. @param name of the sessions, as the server shows it.
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

/** The password in the address, in `PGPASSWORD`, or in the password file. The file is not left to `pg`, which would print a warning in every command. */
function passwordOf(address: PostgresAddress): string | (() => Promise<string>) {
  return address.password ?? (process.env['PGPASSWORD'] || (() => readPassword(address)));
}

/** Called when a server wants a password. */
async function readPassword(address: PostgresAddress): Promise<string> {
  const { host, port, database } = address;
  const user = address.user ?? process.env['PGUSER'] ?? userInfo().username;
  const password = await readPasswordFile({ host, port: String(port), database, user });
  if (password !== undefined) return password;
  throw new DrillError('store-failed', `the store ${describeStore(address)}: the server wants a password`, {
    hint: 'Set it in PGPASSWORD, in ~/.pgpass (with mode 0600), or as a variable in `store`.',
  });
}

/** Counts and sums are numbers in SQLite, too; they stay far below 2 ** 53. */
const parserOf: typeof pg.types.getTypeParser = ((oid: number, format: 'text') =>
  oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

/** As libpq understands the modes: `require` verifies, too, where an authority is named. */
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
