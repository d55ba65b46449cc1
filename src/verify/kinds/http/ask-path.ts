import type { Duplex } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatBytes } from '../../../support/quantities.ts';

/** What an application answered. */
export interface Answer {
  readonly status: number;
  /** As UTF-8. */
  readonly body: string;
}

/** A larger page is one that prints the data itself. */
const MAX_BODY_BYTES = 1024 * 1024;
/** An application that takes longer for one answer is still booting, or hangs. */
const ANSWER_TIMEOUT_MS = 30_000;
const NOT_LISTENING = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/**
 * Requests a path over a stream to the application.
 * @returns undefined when nothing is listening yet. Redirects are not followed. @throws DrillError `check-malformed` for an answer that is not HTTP or too
 * long, and the signal's reason.
 */
export async function askPath(
  connect: () => Promise<Duplex>,
  path: string,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  try {
    const http = await import('node:http'); // takes 20 ms to load, and every command imports the kinds of checks
    const stream = await connect();
    return await exchange(http, stream, path, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]));
  } catch (error) {
    signal.throwIfAborted();
    const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
    if (name === 'TimeoutError' || message === 'socket hang up' || NOT_LISTENING.has(String(code))) return undefined;
    throw error instanceof DrillError ? error : notHttp(error);
  }
}

function exchange(
  { request }: typeof import('node:http'),
  stream: Duplex,
  path: string,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      stream.destroy();
      reject(signal.aborted ? signal.reason : error);
    };
    const asked = request({
      createConnection: () => stream,
      path,
      headers: { host: 'localhost', connection: 'close', accept: '*/*' },
      signal,
    });
    asked.once('error', fail);
    asked.once('response', (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes <= MAX_BODY_BYTES) pieces.push(piece);
        else fail(tooLong());
      });
      response.once('error', fail);
      response.once('end', () => {
        stream.destroy();
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString('utf8') });
      });
    });
    asked.end();
  });
}

function tooLong(): DrillError {
  return new DrillError('check-malformed', `the answer has more than ${formatBytes(MAX_BODY_BYTES)}`, {
    hint: 'Ask for a path that answers with what the check looks at, such as a count.',
  });
}

function notHttp(cause: unknown): DrillError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DrillError('check-malformed', `the answer is not HTTP: ${toPrintable(message, 200)}`, {
    hint: 'Name the port on which the application speaks HTTP without TLS.',
    cause,
  });
}
