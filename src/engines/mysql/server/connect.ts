import type { Duplex } from 'node:stream';
import mysql from 'mysql2';
import type { Connection } from '../../../sandbox/sandbox.ts';
import { ByteQuery, type Column, LoadDataQuery, type LoadedRows, PiecesQuery, type RowReader } from './byte-query.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
}

/** A session's result as the server sent it: no value is converted. */
export interface RawRows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (Buffer | null)[])[];
  readonly isTruncated: boolean;
}

/** Operations on a session. Errors are mysql2's: `errno`, `sqlState`, `code`, `sqlMessage`. */
export interface Session {
  readonly threadId: number;
  /** Sends one statement byte for byte; rows in the response are dropped. @param bytes must not change before the response. */
  query(bytes: Buffer): Promise<{ warnings: number }>;
  /** Like `query`, for a long statement that arrives in pieces. */
  queryPieces(sizeBytes: number, pieces: AsyncIterable<Buffer>): Promise<{ warnings: number }>;
  /** Runs a LOAD DATA LOCAL statement, on a session that was opened for it. If reading the rows fails, rejects with that error, and the session is lost. */
  loadRows(sql: string | Buffer, rows: AsyncIterable<Buffer>): Promise<LoadedRows>;
  /** Like `query`, for the harness's own text, in UTF-8. */
  execute(sql: string): Promise<{ warnings: number }>;
  /** @returns rows as text. For the harness's own queries with small results. */
  ask(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  /** Reads at most this many rows and drops the rest: the session cannot be used afterwards, and ends. */
  askRows(sql: string, maxRows: number): Promise<RawRows>;
  /** Closes it gracefully, and quickly even if it is busy. Never rejects. */
  close(): Promise<void>;
  /** Cuts the connection. */
  abandon(): Promise<void>;
}

/** Capabilities that mysql2 requests by default and must not. */
const OTHER_FLAGS = ['-IGNORE_SPACE', '-ODBC', '-FOUND_ROWS', '-SESSION_TRACK', '-CLIENT_QUERY_ATTRIBUTES'];

export interface SessionOptions {
  /** Whether the server may request the rows of LOAD DATA LOCAL; it gets a stream, never a file of this machine. Default: no. */
  readonly loadsRows?: boolean;
}

/**
 * Opens one session over the sandbox's socket, with `SET NAMES utf8mb4`. The signal ends it at once, even later, until it is closed. By default mysql2 allows a
 * space between function names and `(`, and access to local files: both are turned off, and so is following the session's character set.
 */
export async function openSession(
  connection: Connection,
  login: Login,
  signal: AbortSignal,
  { loadsRows = false }: SessionOptions = {},
): Promise<Session> {
  signal.throwIfAborted();
  const stream = connection.kind === 'stream' ? await connection.open() : undefined;
  const client = mysql.createConnection({
    ...(connection.kind === 'path' ? { socketPath: connection.path } : { stream }),
    user: login.user,
    password: login.password,
    ...(login.database === undefined ? {} : { database: login.database }),
    charset: 'utf8mb4',
    flags: [...(loadsRows ? [] : ['-LOCAL_FILES']), ...OTHER_FLAGS],
    disableEval: true, // column names come from the dump
    connectTimeout: 60_000,
    // every route to the server ends at its Unix socket, where the server accepts a plain-text password
    authPlugins: {
      caching_sha2_password: mysql.authPlugins.caching_sha2_password({ overrideIsSecure: true } as object),
    },
  });
  return startSession(client, signal);
}

/** Opens the session of a connection that was only created. The signal ends it, even later, until it is closed. */
export async function startSession(client: mysql.Connection, signal: AbortSignal): Promise<Session> {
  const session = new MysqlSession(client, signal);
  try {
    await session.opened();
    await session.execute('SET NAMES utf8mb4');
    return session;
  } catch (error) {
    await session.close();
    throw signal.aborted ? signal.reason : error;
  }
}

/** The mysql2 internals that are used here. */
interface Internals {
  readonly stream: Duplex;
  addCommand(command: unknown): void;
}

class MysqlSession implements Session {
  private readonly client: mysql.Connection;
  private readonly stream: Duplex;
  private readonly internals: Internals;
  private readonly signal: AbortSignal;
  private readonly cut: () => void;

  constructor(client: mysql.Connection, signal: AbortSignal) {
    this.client = client;
    this.internals = client as unknown as Internals;
    this.stream = this.internals.stream;
    this.signal = signal;
    this.cut = () => void this.stream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    signal.addEventListener('abort', this.cut, { once: true });
    client.on('error', () => undefined); // a lost connection also rejects the pending query
    this.stream.once('close', () => signal.removeEventListener('abort', this.cut));
  }

  get threadId(): number {
    return this.client.threadId;
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.connect((error) => (error ? reject(error) : resolve()));
    });
  }

  query(bytes: Buffer): Promise<{ warnings: number }> {
    return this.send(bytes);
  }

  queryPieces(sizeBytes: number, pieces: AsyncIterable<Buffer>): Promise<{ warnings: number }> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, warnings: number): void => (error ? reject(error) : resolve({ warnings }));
      this.internals.addCommand(new PiecesQuery(sizeBytes, pieces, done));
    });
  }

  loadRows(sql: string | Buffer, rows: AsyncIterable<Buffer>): Promise<LoadedRows> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, loaded: LoadedRows): void => (error ? reject(error) : resolve(loaded));
      this.internals.addCommand(new LoadDataQuery(typeof sql === 'string' ? Buffer.from(sql) : sql, rows, done));
    });
  }

  execute(sql: string): Promise<{ warnings: number }> {
    return this.send(Buffer.from(sql));
  }

  async ask(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const { rows } = await this.askRows(sql, Number.POSITIVE_INFINITY);
    return rows.map((row) => row.map((cell) => cell?.toString() ?? null));
  }

  async askRows(sql: string, maxRows: number): Promise<RawRows> {
    const rows: (Buffer | null)[][] = [];
    let columns: readonly Column[] = [];
    const enough = Promise.withResolvers<'enough'>();
    const reader: RowReader = {
      onColumns: (each) => {
        columns = each;
      },
      onRow: (row) => {
        if (rows.length < maxRows) rows.push(row);
        else enough.resolve('enough');
      },
    };
    const isTruncated = (await Promise.race([enough.promise, this.send(Buffer.from(sql), reader)])) === 'enough';
    if (isTruncated) this.stream.destroy();
    return { columns, rows, isTruncated };
  }

  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.cut);
    if (this.stream.destroyed) return;
    const closed = new Promise<void>((resolve) => {
      this.stream.once('close', () => resolve());
    });
    this.client.end(() => undefined);
    const patience = setTimeout(() => this.stream.destroy(), 1000);
    await closed;
    clearTimeout(patience);
  }

  async abandon(): Promise<void> {
    this.signal.removeEventListener('abort', this.cut);
    if (this.stream.destroyed) return;
    const closed = new Promise<void>((resolve) => {
      this.stream.once('close', () => resolve());
    });
    this.stream.destroy();
    await closed;
  }

  private send(bytes: Buffer, reader?: RowReader): Promise<{ warnings: number }> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, warnings: number): void => (error ? reject(error) : resolve({ warnings }));
      this.internals.addCommand(new ByteQuery(bytes, done, reader));
    });
  }
}
