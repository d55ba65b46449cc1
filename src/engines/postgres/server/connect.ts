import { basename, dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { Connection } from '../../../sandbox/sandbox.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** `name=value` session settings that override those of roles and databases. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** Opens one session over the sandbox's socket. The signal ends it at once, even later, until {@link closeClient}. Throws what pg throws. */
export async function openClient(connection: Connection, login: Login, signal: AbortSignal): Promise<pg.Client> {
  signal.throwIfAborted();
  const transport = connection.kind === 'path' ? socketAt(connection.path) : { stream: adopt(await connection.open()) };
  const client = new pg.Client({
    ...('stream' in transport ? { stream: () => transport.stream } : transport),
    user: login.user,
    password: login.password,
    database: login.database,
    options: startOptions(login.settings),
    application_name: 'firedrill',
    keepAlive: false,
  });
  client.on('error', () => undefined); // a lost connection also rejects the pending query
  const cut = (): void => {
    client.connection.stream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  };
  signal.addEventListener('abort', cut, { once: true });
  client.once('end', () => signal.removeEventListener('abort', cut));
  let serverEncoding = '';
  client.connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
    if (parameterName === 'server_encoding') serverEncoding = parameterValue;
  });
  try {
    await client.connect();
    // a SQL_ASCII database contains bytes of any encoding, and returns them unchanged only to a session without an encoding of its own
    if (serverEncoding === 'SQL_ASCII') await client.query('SET client_encoding = SQL_ASCII');
  } catch (error) {
    signal.removeEventListener('abort', cut);
    client.connection.stream.destroy();
    throw signal.aborted ? signal.reason : error;
  }
  return client;
}

/** Settings in the form of libpq's `options` and PGOPTIONS: in effect from the session's start, before any settings of roles and databases. */
export function startOptions(settings: Login['settings']): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${String(value).replaceAll(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

/** Ends a session without waiting for a statement that is still running. */
export async function closeClient(client: pg.Client): Promise<void> {
  const { stream } = client.connection;
  if (stream.destroyed) return;
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => resolve());
  });
  client.end().catch(() => undefined); // the socket may be gone already
  const patience = setTimeout(() => stream.destroy(), 1000);
  await closed;
  clearTimeout(patience);
}

function socketAt(path: string): { host: string; port: number } {
  return { host: dirname(path), port: Number(basename(path).split('.').at(-1)) };
}

/** pg connects its socket and sets options on it before it sends anything. This stream is already connected. */
function adopt(stream: Duplex): Duplex {
  return Object.assign(stream, {
    setNoDelay: () => stream,
    setKeepAlive: () => stream,
    ref: () => stream,
    unref: () => stream,
    connect: () => {
      process.nextTick(() => stream.emit('connect'));
      return stream;
    },
  });
}
