import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'hono';
import type { DashboardDeps } from '../deps.ts';

type PieceDeps = Pick<DashboardDeps, 'redact' | 'onError'>;

/**
 * Responds with text or bytes that are generated as the client consumes them, of any length, and lets other work run in between. An immediate failure is
 * thrown; a later one aborts the response, because a truncated file must not look complete.
 */
export async function streamResponse(
  context: Context,
  deps: PieceDeps,
  pieces: AsyncGenerator<string | Uint8Array, void, undefined>,
): Promise<Response> {
  const first = await pieces.next();
  return context.body(ReadableStream.from(write(deps, first.value ?? '', pieces)));
}

async function* write(
  { redact, onError }: PieceDeps,
  first: string | Uint8Array,
  rest: AsyncGenerator<string | Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const encoder = new TextEncoder();
  const encode = (piece: string | Uint8Array) =>
    typeof piece === 'string' ? encoder.encode(redact(piece)) : Uint8Array.from(piece);
  try {
    yield encode(first);
    for await (const piece of rest) {
      await nextTurn();
      yield encode(piece);
    }
  } catch (error) {
    onError(error);
    throw new Error('the response was aborted'); // @hono/node-server logs it and closes the connection
  }
}
