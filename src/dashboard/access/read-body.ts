import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';

/**
 * Reads a request's body before any handler does, chunked or not, and refuses more than `maxBytes` with 413. Handlers get a
 * plain `Request`: the lightweight one of @hono/node-server cannot be copied with another body, so hono's own `bodyLimit` fails on real sockets.
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  return async (context, next) => {
    const { raw } = context.req;
    if (raw.method === 'GET' || raw.method === 'HEAD') return next();
    if (Number(raw.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
    const body = await readAtMost(raw, maxBytes);
    const { url, method, signal } = raw;
    const headers = new Headers([...raw.headers]);
    context.req.raw = new Request(url, { method, headers, signal, ...(body.length > 0 ? { body } : {}) });
    return next();
  };
}

/** The fields of a form. @throws an HTTPException 400 for an invalid form, such as a truncated multipart body. */
export async function readForm(context: Context): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await context.req.parseBody();
  } catch (cause) {
    throw new HTTPException(400, { message: 'the form is malformed or incomplete', cause });
  }
}

async function readAtMost(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) break; // which cancels the rest
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new HTTPException(400, { message: 'the request was aborted', cause });
  }
  if (size > maxBytes) throw tooLarge();
  return new Uint8Array(Buffer.concat(chunks));
}

function tooLarge(): HTTPException {
  return new HTTPException(413, { message: 'Payload Too Large' });
}
