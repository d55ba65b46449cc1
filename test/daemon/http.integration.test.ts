import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpListener, type HttpOptions, listenHttp } from '../../src/daemon/http.ts';

const HAS_IPV6 = Object.values(networkInterfaces()).some((of) => of?.some(({ address }) => address === '::1'));

const open: HttpListener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of open.splice(0)) await listener.close(0);
});

async function listen(changes: Partial<HttpOptions> = {}): Promise<HttpListener & { readonly errors: unknown[] }> {
  const errors: unknown[] = [];
  const listener = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    health: () => ({ ok: true, sentence: 'the scheduler is running' }),
    readiness: async () => ({ ready: true, checks: [{ name: 'store', ok: true, sentence: 'answers' }] }),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'firedrill_up 1\n' }),
    onError: (error) => errors.push(error),
    ...changes,
  });
  open.push(listener);
  return { ...listener, errors };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function ask(
  { url }: HttpListener,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  httpRequest(`${url}${path}`, { method, headers, agent: false }, resolve).on('error', reject).end();
  const response = await promise;
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** A connection that sends this and then waits. */
async function connectTo(
  { url }: HttpListener,
  says: string,
  localAddress = '127.0.0.1',
): Promise<{ readonly closed: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, localAddress });
  sockets.push(socket);
  const connected = Promise.withResolvers<void>();
  socket.once('connect', connected.resolve).once('error', connected.reject);
  await connected.promise;
  socket.write(says);
  return { closed: text(socket).catch(() => 'cut off') };
}

describe('the endpoints', () => {
  it('/healthz reports that the loop is ticking, or 503 that it is not', async () => {
    expect(await ask(await listen(), '/healthz')).toMatchObject({
      status: 200,
      body: 'the scheduler is running\n',
    });
    const stuck = { ok: false, sentence: 'the scheduler has not ticked for 9 min' };
    expect(await ask(await listen({ health: () => stuck }), '/healthz')).toMatchObject({
      status: 503,
      body: 'the scheduler has not ticked for 9 min\n',
    });
  });

  it('/readyz returns each check as JSON, with 503 when one fails', async () => {
    const ready = await ask(await listen(), '/readyz');
    expect([ready.status, ready.headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(ready.body)).toEqual({ ready: true, checks: [{ name: 'store', ok: true, sentence: 'answers' }] });
    const answer = { ready: false, checks: [{ name: 'store', ok: false, sentence: 'store-failed: no' }] };
    const unready = await ask(await listen({ readiness: async () => answer }), '/readyz');
    expect([unready.status, JSON.parse(unready.body)]).toEqual([503, answer]);
  });

  it('/metrics returns the text with its type', async () => {
    const { status, headers, body } = await ask(await listen(), '/metrics');
    expect([status, headers['content-type'], body]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'firedrill_up 1\n',
    ]);
  });

  it('/ lists them, and so does any unknown path', async () => {
    const listener = await listen();
    expect(await ask(listener, '/')).toMatchObject({
      status: 200,
      body: 'firedrill: see /healthz, /readyz and /metrics\n',
    });
    for (const path of ['/nope', '/healthz/', '/../etc/passwd', '/%2e%2e/x'])
      expect(await ask(listener, path)).toMatchObject({
        status: 404,
        body: 'not found; see /healthz, /readyz and /metrics\n',
      });
  });

  it('HEAD returns the same without a body; every other method is refused', async () => {
    const listener = await listen();
    expect(await ask(listener, '/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])
      expect(await ask(listener, '/metrics', { method })).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD' },
      });
  });
});

describe('security', () => {
  it('every response forbids caching, framing, sniffing and scripts', async () => {
    const listener = await listen();
    for (const path of ['/', '/healthz', '/readyz', '/metrics', '/nope'])
      expect((await ask(listener, path)).headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
  });

  it('the Host header appears in no response', async () => {
    const listener = await listen();
    for (const [path, Host] of [
      ['/', 'evil.example'],
      ['/nope', 'evil.example:1'],
      ['/readyz', 'evil example/<b>@'],
    ] as const) {
      const { headers, body } = await ask(listener, path, { headers: { Host } });
      expect(JSON.stringify([headers, body])).not.toContain('evil');
    }
  });

  it('an error goes to the log; the response shows neither message nor stack', async () => {
    const failing = new Error('the secret is hunter2');
    const listener = await listen({
      metrics: () => Promise.reject(failing),
      health: () => {
        throw failing;
      },
    });
    for (const path of ['/metrics', '/healthz'])
      expect(await ask(listener, path)).toMatchObject({ status: 500, body: 'internal error; see the log\n' });
    expect(listener.errors).toEqual([failing, failing]);
  });

  it('invalid HTTP gets 400, and others are still served', async () => {
    const listener = await listen();
    const { closed } = await connectTo(listener, 'hello\r\n\r\n');
    expect(await closed).toMatch(/^HTTP\/1\.1 400 /);
    const long = await connectTo(listener, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await long.closed).toMatch(/^HTTP\/1\.1 431 /);
    expect((await ask(listener, '/healthz')).status).toBe(200);
  });
});

describe('starting and stopping', () => {
  it('reports that the port is in use, and what to do', async () => {
    const other = createServer();
    const listening = Promise.withResolvers<void>();
    other.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    const { port } = other.address() as AddressInfo;
    await expect(listen({ port })).rejects.toMatchObject({
      code: 'listen-failed',
      message: `cannot listen on 127.0.0.1:${port}: another process is listening there`,
      hint: 'Set `serve.listen` in the settings to an address and port that are free, or to off.',
    });
    other.close();
  });

  it.skipIf(!HAS_IPV6)('listens on an IPv6 address', async () => {
    const listener = await listen({ host: '::1' });
    expect(listener.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await ask(listener, '/healthz')).status).toBe(200);
  });

  it('closes with idle connections open, and lets a request in progress finish', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<{ ready: boolean; checks: [] }>();
    const listener = await listen({
      readiness: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    await connectTo(listener, '');
    await connectTo(listener, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const going = ask(listener, '/readyz');
    await asked.promise;
    const closed = listener.close(60_000);
    answer.resolve({ ready: true, checks: [] });
    expect((await going).status).toBe(200);
    await closed;
    await expect(ask(listener, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('cuts off at the deadline what does not end', async () => {
    const asked = Promise.withResolvers<void>();
    const never = Promise.withResolvers<{ ready: boolean; checks: [] }>();
    const listener = await listen({
      readiness: () => {
        asked.resolve();
        return never.promise;
      },
    });
    const going = ask(listener, '/readyz');
    await asked.promise;
    const cut = expect(going).rejects.toMatchObject({ code: 'ECONNRESET' });
    await listener.close(1);
    await cut;
  });
});

describe('connections', () => {
  it('from one peer that sends nothing do not block others, and its oldest are closed', async () => {
    const listener = await listen();
    const crowd: { readonly closed: Promise<string> }[] = [];
    for (let count = 0; count < 110; count += 1) crowd.push(await connectTo(listener, ''));
    expect(await crowd[0]?.closed).toBe('');
    expect((await ask(listener, '/metrics')).status).toBe(200);
    const other = await connectTo(
      listener,
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      '127.0.0.2',
    );
    expect(await other.closed).toContain('200 OK');
  });

  it('that are all busy leave a reserve for health checks, which serves nothing else', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: allAsked, resolve: onAllAsked } = Promise.withResolvers<void>();
    const asked: Promise<Answer>[] = [];
    let count = 0;
    const fetch = async () => {
      count += 1;
      if (count === 80) onAllAsked();
      await held;
      return new Response('late');
    };
    const listener = await listen({ pages: { fetch } });
    for (let index = 0; index < 80; index += 1) asked.push(ask(listener, '/slow'));
    await allAsked;
    const health = await ask(listener, '/healthz');
    expect([health.status, health.headers.connection]).toEqual([200, 'close']);
    const refused = await ask(listener, '/metrics');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
    release();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
    expect((await ask(listener, '/metrics')).status).toBe(200);
  });
});
