import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { DrillError } from '../support/errors.ts';
import type { Health, Readiness } from './health.ts';
import { PeerLimits } from './peer-limits.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whether this process works; if not, it should be restarted. */
  health(): Health;
  /** Whether all dependencies of drills respond. */
  readiness(): Promise<Readiness>;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Handles all other paths; undefined: there are none. */
  readonly pages?: { fetch(request: Request, env?: unknown): Response | Promise<Response> } | undefined;
  /** Called with request errors that no response shows. */
  onError(error: unknown): void;
}

export interface HttpListener {
  /** `http://127.0.0.1:8377`. */
  readonly url: string;
  /** Stops accepting requests, lets those in progress end within `deadlineMs`, then closes their connections. Resolves when no socket is left. */
  close(deadlineMs: number): Promise<void>;
}

/** Requests are small and come from nearby machines, so a client that sends slowly, or opens very many connections, is cut off. */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 16_384, // authenticating proxies forward large cookies
} as const;
/** Each user who follows a page holds one connection. A browser opens six at most; a proxy carries those of many users. */
const SHARES = { total: 200, perPeer: 80, healthOnly: 10 } as const;
/** Paths that are also served on connections beyond the shares. */
const HEALTH = /^\/(?:healthz|readyz)(?:[?#]|$)/;

/**
 * Answers `/healthz`, `/readyz` and `/metrics`, for GET and HEAD only; everything else goes to `pages`.
 * Throws `listen-failed` when it cannot listen.
 */
export async function listenHttp(options: HttpOptions): Promise<HttpListener> {
  const fetch = chooseApp(createApp(options), options.pages);
  const limits = new PeerLimits(SHARES);
  const answer = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer(LIMITS, (request, response) => {
    if (limits.isHealthOnly(request.socket)) {
      response.setHeader('Connection', 'close');
      if (!HEALTH.test(request.url ?? '')) return refuseForNow(response);
    }
    return void answer(request, response);
  });
  const connections = new Connections(server, limits);
  await listen(server, options);
  server.on('error', (error: unknown) => options.onError(error));
  return { url: urlOf(server.address() as AddressInfo), close: (deadlineMs) => close(server, connections, deadlineMs) };
}

function refuseForNow(response: ServerResponse): void {
  response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '5' });
  response.end('too many connections; try again in 5 s\n');
}

/** Both set their own headers, and one may need what the other forbids. */
function chooseApp({ fetch }: Hono, pages: HttpOptions['pages']) {
  return (request: Request, env: unknown) => {
    const isOwn = !pages || /^\w+:\/\/[^/]*\/(?:healthz|readyz|metrics)(?:[?#]|$)/.test(request.url);
    return isOwn ? fetch(request, env as object) : pages.fetch(request, env);
  };
}

function createApp({ health, readiness, metrics, onError }: HttpOptions): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      xFrameOptions: 'DENY',
      strictTransportSecurity: false, // there is no TLS here; a TLS proxy in front sets it
    }),
  );
  app.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    if (context.req.method === 'GET' || context.req.method === 'HEAD') return next();
    return context.text('only GET and HEAD are allowed\n', 405, { Allow: 'GET, HEAD' });
  });
  app.get('/', (context) => context.text('firedrill: see /healthz, /readyz and /metrics\n'));
  app.get('/healthz', (context) => {
    const { ok, sentence } = health();
    return context.text(`${sentence}\n`, ok ? 200 : 503);
  });
  app.get('/readyz', async (context) => {
    const answer = await readiness();
    return context.json(answer, answer.ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const { contentType, text } = await metrics();
    return context.body(text, 200, { 'Content-Type': contentType });
  });
  app.notFound((context) => context.text('not found; see /healthz, /readyz and /metrics\n', 404));
  app.onError((error: unknown, context: Context) => {
    onError(error);
    return context.text('internal error; see the log\n', 500);
  });
  return app;
}

async function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('listening', resolve);
  server.once('error', reject);
  server.listen(port, host);
  try {
    await promise;
  } catch (error) {
    throw refusedToListen(error, host, port);
  } finally {
    server.off('listening', resolve);
    server.off('error', reject);
  }
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process is listening there',
  EACCES: 'this user may not listen on that port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'unknown host',
};

function refusedToListen(cause: unknown, host: string, port: number): DrillError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new DrillError('listen-failed', `cannot listen on ${host}:${port}: ${WHY[code] ?? code}`, {
    hint: 'Set `serve.listen` in the settings to an address and port that are free, or to off.',
    cause,
  });
}

function urlOf({ address, port, family }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Node's own `closeIdleConnections` skips connections on which no request was ever made, so a browser's preconnect would delay shutdown. */
class Connections {
  readonly #idle = new Set<Socket>();
  readonly #busy = new Set<Socket>();
  #isClosing = false;

  readonly #limits: PeerLimits;

  constructor(server: Server, limits: PeerLimits) {
    this.#limits = limits;
    server.on('connection', (socket) => {
      this.#idle.add(socket);
      socket.once('close', () => this.#forget(socket));
      limits.admit(socket);
    });
    server.prependListener('request', ({ socket }, response) => {
      limits.busy(socket);
      this.#idle.delete(socket);
      this.#busy.add(socket);
      response.once('close', () => this.#answered(socket));
    });
  }

  /** Closes idle connections now, and the others after their responses. */
  end(): void {
    this.#isClosing = true;
    for (const socket of this.#idle) socket.destroy();
  }

  cutOff(): void {
    for (const socket of this.#busy) socket.destroy();
  }

  #answered(socket: Socket): void {
    this.#busy.delete(socket);
    this.#limits.idle(socket);
    if (this.#isClosing) socket.destroySoon();
    else if (!socket.destroyed) this.#idle.add(socket);
  }

  #forget(socket: Socket): void {
    this.#idle.delete(socket);
    this.#busy.delete(socket);
  }
}

async function close(server: Server, connections: Connections, deadlineMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  connections.end();
  const timer = setTimeout(() => connections.cutOff(), deadlineMs);
  await promise;
  clearTimeout(timer);
}
