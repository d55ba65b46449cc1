import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'hono';
import type { DashboardDeps } from '../deps.ts';

type PieceDeps = Pick<DashboardDeps, 'redact' | 'onError'>;

/**
 * Answers with a text that is made as it is taken, however long it is; in between others get their turn. What fails at once is thrown; a failure midway
 * breaks the answer off: a file that ends early must not look whole.
 */
export async function answerInPieces(
  context: Context,
  deps: PieceDeps,
  pieces: AsyncGenerator<string, void, undefined>,
): Promise<Response> {
  const first = await pieces.next();
  return context.body(ReadableStream.from(write(deps, first.value ?? '', pieces)));
}

async function* write(
  { redact, onError }: PieceDeps,
  first: string,
  rest: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const encoder = new TextEncoder();
  try {
    yield encoder.encode(redact(first));
    for await (const piece of rest) {
      await nextTurn();
      yield encoder.encode(redact(piece));
    }
  } catch (error) {
    onError(error);
    throw new Error('the answer was broken off'); // @hono/node-server prints it, and cuts the connection
  }
}
