import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeDashboard } from './fake-dashboard.ts';
import { servePages } from './serve-pages.ts';

let dashboard: FakeDashboard;
let served: Awaited<ReturnType<typeof servePages>>;
let token: string;
beforeAll(async () => {
  dashboard = new FakeDashboard({
    access: {
      loopback: 'sign-in',
      proxy: undefined,
      badges: { isPublic: false, keyHash: undefined },
      idleMs: 60_000,
      sessionMs: 60_000,
    },
  });
  token = await dashboard.addToken('alice', 'operator');
  served = await servePages(dashboard);
});
afterAll(() => served[Symbol.asyncDispose]());

interface Sent {
  readonly headers?: Record<string, string>;
  /** Sent in chunks. */
  readonly chunks?: readonly string[];
}

async function post(
  path: string,
  { headers = {}, chunks }: Sent = {},
): Promise<{ status: number | undefined; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest(`${served.url}${path}`, { method: 'POST', agent: false, headers }, resolve);
  request.on('error', reject);
  for (const chunk of chunks ?? []) request.write(chunk);
  request.end();
  const response = await promise;
  return { status: response.statusCode, body: await text(response) };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('a POST over a real socket', () => {
  it('is answered when it has no body', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    expect((await post('/api/v1/drills/orders/runs', { headers })).status).toBe(202);
    expect((await post('/signin', { headers: { origin: served.url } })).status).toBe(403);
  });

  it('is answered with a chunked body, and refused when it is too large', async () => {
    const headers = { ...FORM, origin: served.url, 'transfer-encoding': 'chunked' };
    expect((await post('/signin', { headers, chunks: ['token=', encodeURIComponent(token)] })).status).toBe(303);
    const many = Array.from({ length: 20 }, () => 'x'.repeat(1000));
    expect((await post('/signin', { headers, chunks: ['token=', ...many] })).status).toBe(413);
    const json = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    };
    expect((await post('/api/v1/runs/x/keep', { headers: json, chunks: ['{"minutes"', ': 5}'] })).status).toBe(409);
  });

  it.for([['--x\r\nContent-Disposition: form-data; name="token"\r\n\r\ncut off'], ['no part at all'], ['']])(
    'with a broken multipart body is a bad request: %j',
    async ([body = '']) => {
      const headers = { origin: served.url, 'content-type': 'multipart/form-data; boundary=x' };
      expect((await post('/signin', { headers, chunks: body === '' ? [] : [body] })).status).toBe(400);
    },
  );

  it('causes no internal error', () => {
    expect(dashboard.errors).toEqual([]);
  });
});
