import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request as requestOver } from 'node:https';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Gateway,
  type GatewayOptions,
  serveRepository,
} from '../../../../../../src/engines/postgres/formats/pgbackrest/gateway/serve-repository.ts';
import { DrillError, type ErrorCode } from '../../../../../../src/support/errors.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../../../../support/temporary-directory.ts';

const never = new AbortController().signal;
const BYTES = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const FILE = '/firedrill/repository/backup/orders/backup.info';

/** A stream that fails after its first bytes. */
function failingRead(code: ErrorCode, message: string): Readable {
  return Readable.from(
    (async function* () {
      yield BYTES.subarray(0, 100);
      throw new DrillError(code, message);
    })(),
  );
}

describe('a gateway to a repository', () => {
  let directory: TemporaryDirectory;
  let gateway: Gateway | undefined;
  const socketPath = (): string => join(directory.path, 'gateway');

  beforeEach(() => {
    directory = makeTemporaryDirectory();
  });

  afterEach(async () => {
    await gateway?.[Symbol.asyncDispose]();
    gateway = undefined;
    directory[Symbol.dispose]();
  });

  async function serve(read?: GatewayOptions['read']): Promise<Gateway> {
    const files = new Map([['backup/orders/backup.info', { key: 'x/backup/orders/backup.info', sizeBytes: 1000 }]]);
    const whole: GatewayOptions['read'] = (_file, { start, end }) => Readable.from([BYTES.subarray(start, end)]);
    gateway = await serveRepository({
      socketPath: socketPath(),
      files,
      read: read ?? whole,
      now: new Date(),
      signal: never,
    });
    return gateway;
  }

  async function ask(path: string, options: RequestOptions & { body?: string } = {}): Promise<IncomingMessage> {
    const { body, ...rest } = options;
    const asked = requestOver({ socketPath: socketPath(), path, rejectUnauthorized: false, agent: false, ...rest });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  }

  /** Sends bytes that no client library would send. @returns what comes back until the connection ends. */
  async function send(text: string): Promise<string> {
    const socket = connectTls({ socket: createConnection(socketPath()), rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.write(text);
    const said = await buffer(socket).catch(() => Buffer.alloc(0));
    return said.toString('latin1');
  }

  it('serves files, ranges of them, and their sizes', async () => {
    await serve();
    const whole = await ask(FILE);
    expect(whole.statusCode).toBe(200);
    expect((await buffer(whole)).equals(BYTES)).toBe(true);
    const part = await ask(FILE, { headers: { range: 'bytes=10-19' } });
    expect(part.headers['content-range']).toBe('bytes 10-19/1000');
    expect((await buffer(part)).equals(BYTES.subarray(10, 20))).toBe(true);
    const head = await ask(FILE, { method: 'HEAD' });
    expect([head.statusCode, head.headers['content-length'], (await buffer(head)).length]).toEqual([200, '1000', 0]);
    const missing = await ask('/firedrill/repository/backup/orders/other');
    expect([missing.statusCode, (await buffer(missing)).toString()]).toEqual([
      404,
      expect.stringContaining('NoSuchKey'),
    ]);
  });

  it('refuses everything else, and does not read request bodies', async () => {
    const { refused } = await serve();
    const statuses: (number | undefined)[] = [];
    for (const [path, options] of [
      [FILE, { method: 'PUT', body: 'x'.repeat(100_000) }],
      [FILE, { method: 'DELETE' }],
      [FILE, { method: 'POST', body: 'x' }],
      ['/other/secret', {}],
      ['/firedrill/repository/../secret', {}],
      ['/firedrill/repository/backup%2forders', {}],
      [`/firedrill/repository/${'a'.repeat(4000)}`, {}],
      ['http://other.example.com/x', {}],
    ] as const) {
      const response = await ask(path, options);
      statuses.push(response.statusCode);
      expect(response.headers.connection).toBe('close');
      response.resume();
    }
    expect(statuses).toEqual([405, 405, 405, 403, 403, 403, 414, 400]);
    expect([...refused.values()].reduce((sum, count) => sum + count, 0)).toBe(8);
    expect(await send('CONNECT other.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n')).not.toContain('200');
    expect(await send(`GET ${FILE} HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).not.toContain('200 OK');
    expect(await send('not HTTP\r\n\r\n')).toBe('');
  });

  it('refuses more than its maximum of concurrent requests', async () => {
    const held: PassThrough[] = [];
    await serve(() => {
      const content = new PassThrough();
      content.write('x');
      held.push(content);
      return content;
    });
    const statuses = await Promise.all(
      Array.from({ length: 40 }, () => ask(FILE).then(({ statusCode }) => statusCode)),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(32);
    expect(statuses.filter((status) => status === 503)).toHaveLength(8);
    for (const content of held) content.destroy();
  });

  it('refuses more than its maximum of concurrent connections', async () => {
    await serve();
    const sockets: Socket[] = [];
    const closed = Promise.withResolvers<void>();
    for (let index = 0; index < 65; index += 1) {
      const socket = createConnection(socketPath());
      socket.on('error', () => undefined);
      socket.once('close', () => closed.resolve());
      sockets.push(socket);
      await once(socket, 'connect');
    }
    await closed.promise;
    for (const socket of sockets) socket.destroy();
  });

  it('cuts a response short when the source fails, and keeps the error', async () => {
    const { failure } = await serve(() => failingRead('source-unreachable', 'the store hung up'));
    const response = await ask(FILE);
    await expect(buffer(response)).rejects.toThrow();
    expect(failure()).toMatchObject({ code: 'source-unreachable' });
  });

  it('gives up after three failed reads in a row, not counting failures before a successful read', async () => {
    const outages = [true, true, false, true, true, true];
    const { lost } = await serve((_file, { start, end }) => {
      if (!outages.shift()) return Readable.from([BYTES.subarray(start, end)]);
      return failingRead('source-failed', 'the store fails');
    });
    for (const [index, isLost] of [false, false, false, false, false, true].entries()) {
      const asked = ask(FILE).then(buffer);
      await (index === 2 ? asked : expect(asked).rejects.toThrow());
      expect(lost.aborted).toBe(isLost);
    }
    expect(lost.reason).toMatchObject({ code: 'source-failed' });
  });

  it('ends requests in progress when it is closed, and removes its socket', async () => {
    const content = new PassThrough();
    content.write('x');
    const ended = new Promise((resolve) => {
      content.once('close', resolve);
    });
    const { failure } = await serve(() => content);
    const response = await ask(FILE);
    response.on('error', () => undefined);
    await gateway?.[Symbol.asyncDispose]();
    gateway = undefined;
    await ended;
    expect(failure()).toBeUndefined();
    expect(() => statSync(socketPath())).toThrow('ENOENT');
  });
});
