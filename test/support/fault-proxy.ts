import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/** What to do with one request instead of passing it on unchanged. */
export type Fault =
  /** Passes on this many bytes of the body, then breaks the connection. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Ends the body cleanly after this many bytes, although more were announced. */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  /** Responds without the server. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code: string;
      readonly headers?: Record<string, string>;
      /** Default: the code in XML, as S3 answers. */
      readonly body?: string;
    }
  /** Passes on the headers, then sends nothing more. */
  | { readonly kind: 'stall' }
  /** Waits for the promise before it passes anything on, or does what `next` says. */
  | { readonly kind: 'hold'; readonly until: Promise<void>; readonly next?: Fault }
  /** Inverts the byte at this offset of the body. */
  | { readonly kind: 'corrupt'; readonly at: number };

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  readonly seen: readonly SeenRequest[];
  /** Decides on each request; undefined passes it on. `index` counts from 0 over all requests. */
  decide: (request: SeenRequest, index: number) => Fault | undefined;
  /** Number of open client sockets. */
  openSockets(): number;
  /** Resolves when no client socket is open. */
  idle(): Promise<void>;
}

/** A proxy on loopback in front of an HTTP server. It keeps the Host header, so that signatures stay valid. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<object>();
  let onIdle: (() => void) | undefined;
  const server = createServer((incoming, outgoing) => {
    const note = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers };
    const index = seen.push(note) - 1;
    handle(incoming, outgoing, target, proxy.decide(note, index)).catch(() => outgoing.destroy());
  });
  // It breaks only what it is told to: closing an idle connection would cut off a request that arrives at that moment.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) onIdle?.();
    });
  });
  const proxy: FaultProxy = {
    endpoint: await listen(server),
    seen,
    decide: () => undefined,
    openSockets: () => sockets.size,
    idle: () =>
      sockets.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            onIdle = resolve;
          }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
}

async function handle(incoming: IncomingMessage, outgoing: ServerResponse, target: string, fault: Fault | undefined) {
  if (fault?.kind === 'hold') {
    await fault.until;
    return handle(incoming, outgoing, target, fault.next);
  }
  if (fault?.kind === 'answer') {
    incoming.resume();
    outgoing.writeHead(fault.status, { 'x-amz-request-id': 'proxy-1', 'x-amz-id-2': 'proxy-2', ...fault.headers });
    const xml = `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>made by the test</Message></Error>`;
    outgoing.end(fault.body ?? xml);
    return;
  }
  const onward = request(target + incoming.url, { method: incoming.method, headers: incoming.headers });
  outgoing.once('close', () => onward.destroy());
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
  onward.once('response', (answer) => spoil(answer, outgoing, fault));
}

function spoil(answer: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined): void {
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  outgoing.flushHeaders();
  if (fault?.kind === 'stall') return;
  let passed = 0;
  answer.on('data', (chunk: Buffer) => {
    if (outgoing.destroyed) return;
    if (fault?.kind === 'cut' || fault?.kind === 'truncate') {
      const portion = chunk.subarray(0, Math.max(0, fault.afterBytes - passed));
      passed += portion.length;
      outgoing.write(portion);
      if (passed >= fault.afterBytes) {
        answer.destroy();
        // Both violate Content-Length; a reset loses what is still buffered, an end delivers it first.
        if (fault.kind === 'cut') outgoing.socket?.resetAndDestroy();
        else outgoing.socket?.end();
      }
      return;
    }
    if (fault?.kind === 'corrupt' && passed <= fault.at && fault.at < passed + chunk.length) {
      chunk[fault.at - passed] = ~(chunk[fault.at - passed] ?? 0) & 0xff;
    }
    passed += chunk.length;
    if (!outgoing.write(chunk)) {
      answer.pause();
      outgoing.once('drain', () => answer.resume());
    }
  });
  answer.once('end', () => outgoing.end());
}
