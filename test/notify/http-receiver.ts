import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: Received) => void;

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Open connections. */
  readonly open: ReadonlySet<Socket>;
  /** Resolves when the last connection is closed. */
  allClosed(): Promise<void>;
}

/** A server on this machine that records requests; it sends the responses in turn, and repeats the last one. */
export async function receive(...answers: readonly Answer[]): Promise<Receiver> {
  const received: Received[] = [];
  const open = new Set<Socket>();
  const closings: Promise<unknown>[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const one = { url: request.url ?? '', headers: request.headers, body };
      const answer = answers[Math.min(received.length, answers.length - 1)] ?? ok;
      received.push(one);
      answer(response, one);
    });
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined); // a client that is sent too much may close the connection
    closings.push(new Promise((resolve) => socket.once('close', () => resolve(open.delete(socket)))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    open,
    allClosed: async () => {
      await Promise.all(closings);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export const ok: Answer = (response) => response.end('ok');
export const hang: Answer = () => undefined;

export function answer(status: number, body = '', headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => response.writeHead(status, headers).end(body);
}
