import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type ReadAhead, WaitingBytes } from '../../sql-dump/read-ahead.ts';
import type { StatementSpool } from '../../sql-dump/statement-spool.ts';

/** A server's error for a statement that it refused. */
export interface ServerError extends Error {
  readonly code?: string;
  readonly position?: string;
}

/** How much of one COPY may be queued in memory for its backend, so that the next table can start while this one drains. */
const QUEUE_BYTES = 4 * 2 ** 20;

/**
 * Sends statements as raw bytes: a dump is in the encoding that it sets for its session, which pg would corrupt, since it writes only UTF-8. Several statements
 * in one message are one transaction. Results are discarded. Rejects with the server's error.
 */
export function runRaw(client: pg.Client, ...parts: readonly Buffer[]): Promise<void> {
  return submitRaw(client, (connection) => sendQuery(connection, parts));
}

/** Like {@link runRaw}, for one statement from its spool, with back pressure. */
export function runSpooled(client: pg.Client, spool: StatementSpool): Promise<void> {
  return submitRaw(client, ({ stream }) => {
    const message = async function* (): AsyncGenerator<Buffer> {
      yield queryHeader(spool.sizeBytes);
      yield* spool.read();
      yield NUL;
    };
    // the socket stays open, and its own errors reject the query
    pipeline(Readable.from(message()), stream, { end: false }).catch((error: Error) => stream.destroy(error));
  });
}

function submitRaw(client: pg.Client, submit: (connection: pg.Connection) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const ignore = (): void => undefined;
    const query = {
      submit,
      handleRowDescription: ignore,
      handleDataRow: ignore,
      handleCommandComplete: ignore,
      handleEmptyQuery: ignore,
      handleCopyData: ignore,
      handleCopyInResponse: (connection: { sendCopyFail(reason: string): void }) =>
        connection.sendCopyFail('no data follows here'),
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    };
    client.query(query);
  });
}

function sendQuery(connection: pg.Connection, parts: readonly Buffer[]): void {
  connection.stream.cork();
  connection.stream.write(queryHeader(parts.reduce((sum, part) => sum + part.length, 0)));
  for (const part of parts) connection.stream.write(part);
  connection.stream.write(NUL);
  connection.stream.uncork();
}

function queryHeader(byteCount: number): Buffer {
  const header = Buffer.alloc(5);
  header.write('Q', 'latin1');
  header.writeUInt32BE(byteCount + 5, 1);
  return header;
}

const NUL = Buffer.alloc(1);

/**
 * One COPY … FROM stdin. pg-copy-streams implements the protocol. This class sends the statement as raw bytes, gives the stream at most one chunk at a time (it
 * cannot receive an error from the server while more are queued), and keeps memory bounded: if the server is too slow, data waits in a file, as far as there is
 * room to read ahead.
 */
export class CopyIn {
  /** Resolves when the rows are stored; rejects with the server's error, or the connection's. */
  readonly done: Promise<void>;
  private readonly client: pg.Client;
  private readonly stream = copyFrom('');
  /** The next chunks. */
  private queue: Buffer[] = [];
  /** Chunks that come after the queue, in a file. */
  private readonly waiting: WaitingBytes | undefined;
  /** Chunks that come last. */
  private later: Buffer[] = [];
  private queuedBytes = 0;
  private writing = false;
  private ending = false;
  private failed = false;
  private wake: (() => void) | undefined;

  /** @param ahead without it, a writer that is faster than the server must wait. */
  constructor(client: pg.Client, statement: readonly Buffer[], ahead?: ReadAhead) {
    this.client = client;
    this.waiting = ahead && new WaitingBytes(ahead);
    const { stream } = this;
    stream.submit = (connection) => {
      Object.assign(stream, { connection });
      sendQuery(connection, statement);
    };
    this.done = new Promise((resolve, reject) => {
      stream.once('finish', resolve);
      stream.on('error', (error: Error) => {
        this.failed = true;
        this.drop();
        this.wake?.();
        reject(error);
      });
    });
    this.done.catch(() => undefined); // handled by the caller that ends it
    client.query(stream);
  }

  /** @returns a promise to wait for if enough is queued. After the server has refused, data is dropped, since it must still be read. */
  write(chunk: Buffer): Promise<void> | undefined {
    if (this.failed) return undefined;
    if (!this.setAside(chunk)) {
      const isLast = this.later.length > 0 || this.waiting?.isEmpty === false;
      (isLast ? this.later : this.queue).push(chunk);
      this.queuedBytes += chunk.length;
    }
    this.pump();
    if (this.queuedBytes < QUEUE_BYTES || this.mayReadAhead) return undefined;
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  end(): Promise<void> {
    this.ending = true;
    this.pump();
    return this.done;
  }

  private get mayReadAhead(): boolean {
    return this.waiting !== undefined && !this.waiting.isFull;
  }

  /** @returns whether the chunk waits in the file. */
  private setAside(chunk: Buffer): boolean {
    const isBehind = this.queuedBytes >= QUEUE_BYTES || this.waiting?.isEmpty === false;
    return isBehind && this.waiting?.write(chunk) === true;
  }

  private pump(): void {
    if (this.writing || this.failed) return;
    const chunk = this.queue.shift();
    if (chunk) this.send(chunk, chunk.length);
    else if (this.waiting?.isEmpty === false) this.fetch(this.waiting);
    else if (this.later.length > 0) {
      this.queue = this.later;
      this.later = [];
      this.pump();
    } else if (this.ending && !this.stream.writableEnded) {
      this.drop();
      this.stream.end();
    }
  }

  private fetch(waiting: WaitingBytes): void {
    this.writing = true;
    waiting.read().then(
      (chunk) => {
        this.writing = false;
        if (!this.failed) this.send(chunk, 0);
      },
      (error: Error) => this.client.connection.stream.destroy(error), // which rejects the COPY
    );
  }

  /** @param queued how many of its bytes count as queued until they are sent. */
  private send(chunk: Buffer, queued: number): void {
    this.writing = true;
    const socket = this.client.connection.stream;
    socket.cork(); // sends a chunk's header and its bytes in one system call
    this.stream.write(chunk, () => {
      this.writing = false;
      this.queuedBytes -= queued;
      if (this.queuedBytes < QUEUE_BYTES / 2) this.wake?.();
      this.pump();
    });
    socket.uncork();
  }

  private drop(): void {
    this.queue = [];
    this.later = [];
    this.queuedBytes = 0;
    this.waiting?.[Symbol.dispose]();
  }
}
