import { toPrintable } from '../support/printable.ts';
import { NotifyError } from './notify-error.ts';
import { withDeadline } from './with-deadline.ts';

export interface HttpPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpOptions {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** Removes secrets from the answer: some servers echo the request. */
  readonly redact: (text: string) => string;
}

const MAX_ANSWER_BYTES = 2000;

/**
 * Posts once, on its own connection that is closed afterwards. Redirects are not followed, because they could send secrets elsewhere.
 * @returns the beginning of a 2xx answer.
 * @throws NotifyError that names only the host, since the rest of the URL may be the secret. Retryable: no answer, 408, 429 and 5xx.
 */
export async function httpPost({ url, headers, body }: HttpPost, options: HttpOptions): Promise<string> {
  const { host } = new URL(url);
  return await withDeadline(host, options.deadlineMs, options.signal, async (signal) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'user-agent': 'firedrill', ...headers, connection: 'close' },
      body,
      redirect: 'manual',
      signal,
    }).catch((error: unknown) => {
      throw new NotifyError(`${host} cannot be reached (${options.redact(explainUnreachable(error))})`, {
        retryable: true,
        cause: undefined, // it may contain the URL
      });
    });
    const answer = await readBeginning(response);
    if (response.ok) return answer;
    throw refusedBy(host, response, options.redact(answer));
  });
}

function refusedBy(host: string, { status, headers }: Response, answer: string): NotifyError {
  const words = answer.trim() === '' ? '' : `: ${toPrintable(answer.trim())}`;
  const isRedirect = status >= 300 && status < 400;
  return new NotifyError(`${host} answered ${status}${isRedirect ? ', a redirect, which is not followed' : words}`, {
    retryable: status === 408 || status === 429 || status >= 500,
    retryAfterMs: readRetryAfterMs(headers),
  });
}

/** Seconds, or a date, which is relative to the answer's own date rather than our clock: RFC 9110, sections 10.2.3 and 6.6.1. */
function readRetryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const ms = Date.parse(value) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Reads only as much of the answer as an error message needs. */
async function readBeginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_ANSWER_BYTES) break; // cancels the rest
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}

/** The message `fetch failed` is useless; the actual reason is in its cause. */
function explainUnreachable(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return toPrintable(String(code ?? message ?? cause));
}
