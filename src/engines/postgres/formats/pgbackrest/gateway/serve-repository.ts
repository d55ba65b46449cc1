import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ListedFile } from '../../../../../backup/content.ts';
import type { ReadRange } from '../../../../../backup/source.ts';
import { asDrillError, type DrillError } from '../../../../../support/errors.ts';
import { listFiles } from './list-files.ts';
import { type Decision, decideRequest } from './request-rules.ts';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

/** More concurrent connections and requests than any pgBackRest in a sandbox makes. */
const MAX_CONNECTIONS = 64;
const MAX_REQUESTS = 32;
const IDLE_MS = 60_000;
const HEADERS_MS = 20_000;
/** pgBackRest retries failed requests for as long as it waits: this many consecutive failed reads, each after its own retries, are an outage. */
const FAILURES_IN_A_ROW = 3;

export interface GatewayOptions {
  /** A path on this host that does not exist yet. */
  readonly socketPath: string;
  /** By name relative to the repository; nothing else is served. */
  readonly files: ReadonlyMap<string, ListedFile>;
  /** Reads part of a file as stored. */
  readonly read: (file: ListedFile, range: ReadRange, signal: AbortSignal) => Readable;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** A gateway that serves requests until it is disposed of. */
export interface Gateway extends AsyncDisposable {
  /** Why the source could not be read, for the first failure; undefined if every read succeeded. */
  readonly failure: () => DrillError | undefined;
  /** Aborts with a DrillError once the source stops answering. */
  readonly lost: AbortSignal;
  /** Number of refused requests, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

/**
 * Lets a pgBackRest in a sandbox read its repository as if it were in S3, through a Unix socket: only the given files, by GET and HEAD, and nothing else. The
 * source is read on the host's side, so that its credentials stay there.
 */
export async function serveRepository(options: GatewayOptions): Promise<Gateway> {
  const { socketPath, signal, now } = options;
  const gateway = new RepositoryGateway(options);
  const tls = makeSelfSignedCertificate(now);
  const limits = {
    maxHeaderSize: 8192,
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    keepAliveTimeout: IDLE_MS,
  };
  const server = createServer({ ...tls, ...limits }, (request, response) => gateway.answer(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('checkContinue', (request, response) => gateway.answer(request, response)); // never asks for the body
  server.on('connect', (_request, socket) => socket.destroy());
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.listen(socketPath);
  await once(server, 'listening', { signal });
  await chmod(socketPath, 0o666); // its directory is private to the sandbox and to this user
  const close = async () => {
    gateway.stop();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    ...{ failure: () => gateway.failure, lost: gateway.lost, refused: gateway.refused },
    [Symbol.asyncDispose]: close,
  };
}

class RepositoryGateway {
  failure: DrillError | undefined;
  readonly refused = new Map<string, number>();
  readonly #options: GatewayOptions;
  readonly #stopped = new AbortController();
  readonly #lost = new AbortController();
  #underWay = 0;
  #failedInARow = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  stop(): void {
    this.#stopped.abort(new Error('the gateway is closed'));
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#underWay += 1;
    response.once('close', () => {
      this.#underWay -= 1;
    });
    this.#answer(request, response).catch(() => response.destroy());
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#underWay > MAX_REQUESTS) return this.#refuse(response, 503, 'SlowDown', 'too many requests at once');
    const decision = decideRequest(request, this.#options.files);
    if (decision.kind === 'refused') return this.#refuse(response, decision.status, decision.code, decision.why);
    if (decision.kind === 'missing') return sayError(response, 404, 'NoSuchKey');
    if (decision.kind === 'file') return this.#give(decision, response);
    const listing = listFiles(this.#options.files, decision);
    if (listing === undefined) return this.#refuse(response, 403, 'AccessDenied', 'a listing of too many files');
    return say(response, 200, listing);
  }

  #refuse(response: ServerResponse, status: number, code: string, why: string): void {
    this.refused.set(why, (this.refused.get(why) ?? 0) + 1);
    response.setHeader('connection', 'close'); // a body that comes with it is not read
    sayError(response, status, code);
  }

  async #give(
    { file, range, isPart, withBody }: Extract<Decision<ListedFile>, { kind: 'file' }>,
    response: ServerResponse,
  ): Promise<void> {
    const { start, end } = range;
    response.writeHead(isPart ? 206 : 200, {
      'content-length': end - start,
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'last-modified': (file.modifiedAt ?? new Date(0)).toUTCString(),
      ...(isPart ? { 'content-range': `bytes ${start}-${end - 1}/${file.sizeBytes}` } : {}),
    });
    if (!withBody || end === start) {
      response.end();
      return;
    }
    const signal = AbortSignal.any([this.#options.signal, this.#stopped.signal]);
    const content = this.#options.read(file, range, signal);
    content.once('error', (error) => this.#note(error, response));
    await pipeline(content, response); // a failure cuts the connection: the length was promised
    this.#failedInARow = 0;
  }

  /** A disconnect by pgBackRest, or closing the gateway, is not a failure of the source. */
  #note(error: unknown, response: ServerResponse): void {
    if (this.#stopped.signal.aborted || this.#options.signal.aborted || response.destroyed) return;
    const failure = asDrillError(error);
    this.failure ??= failure;
    this.#failedInARow += 1;
    if (this.#failedInARow === FAILURES_IN_A_ROW) this.#lost.abort(failure);
  }
}

function sayError(response: ServerResponse, status: number, code: string): void {
  say(response, status, `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`);
}

function say(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
