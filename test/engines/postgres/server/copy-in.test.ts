import { Writable } from 'node:stream';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { CopyIn } from '../../../../src/engines/postgres/server/wire.ts';
import { ReadAhead } from '../../../../src/engines/sql-dump/read-ahead.ts';

const MIB = 2 ** 20;
/** See the manual's "Message Formats". */
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;

/** A server that accepts rows only when told to. */
class SlowServer {
  received: Buffer[] = [];
  private isSlow = true;
  private pending: (() => void) | undefined;
  private query: { submit(connection: unknown): void; handleCopyInResponse(connection: unknown): void } | undefined;
  private readonly socket = new Writable({
    write: (chunk: Buffer, _, done) => {
      this.received.push(chunk);
      if (this.isSlow) this.pending = done;
      else setImmediate(done);
    },
  });
  private readonly connection = { stream: this.socket };
  readonly client = {
    connection: this.connection,
    query: (query: SlowServer['query'] & object) => {
      this.query = query;
      query.submit(this.connection);
    },
  } as unknown as pg.Client;

  start(): void {
    this.query?.handleCopyInResponse(this.connection);
  }

  catchUp(): void {
    this.isSlow = false;
    this.pending?.();
  }

  /** The rows, once CopyDone has arrived. */
  async rows(): Promise<Buffer> {
    while (this.received.at(-1)?.[0] !== COPY_DONE) await new Promise(setImmediate);
    return rowsOf(Buffer.concat(this.received));
  }
}

/** Contents of the CopyData messages. */
function rowsOf(bytes: Buffer): Buffer {
  const rows: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    if (bytes[at] === COPY_DATA) rows.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(rows);
}

/** @returns the number of chunks after which the writer had to wait, and the promise it waits for. */
function writeUntilFull(copyIn: CopyIn, chunks: number): { chunks: number; wait: Promise<void> | undefined } {
  for (let count = 0; count < chunks; count += 1) {
    const wait = copyIn.write(Buffer.alloc(MIB, String(count % 10)));
    if (wait) return { chunks: count + 1, wait };
  }
  return { chunks, wait: undefined };
}

it('makes a writer wait when 4 MiB are queued in memory', () => {
  const server = new SlowServer();
  expect(writeUntilFull(new CopyIn(server.client, [Buffer.from('COPY')]), 64).chunks).toBe(4);
});

it('buffers in a file while the server is busy, then makes the writer wait, and keeps the order', async () => {
  const server = new SlowServer();
  const copyIn = new CopyIn(server.client, [Buffer.from('COPY')], new ReadAhead(16 * MIB));
  server.start();
  const full = writeUntilFull(copyIn, 64);
  expect(full.chunks).toBe(21);
  server.catchUp();
  await full.wait;
  const more = writeUntilFull(copyIn, 2);
  expect(more.wait).toBeUndefined();
  copyIn.end().catch(() => undefined);
  const expected = [21, 2].flatMap((count) =>
    Array.from({ length: count }, (_, index) => Buffer.alloc(MIB, String(index % 10))),
  );
  expect((await server.rows()).equals(Buffer.concat(expected))).toBe(true);
});
