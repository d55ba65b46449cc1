import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asDrillError } from '../support/errors.ts';
import { httpPost } from './http-post.ts';
import { NotifyError } from './notify-error.ts';
import { withDeadline } from './with-deadline.ts';

export type HeartbeatKind = 'start' | 'success' | 'fail';

/** Pings a monitoring service about a run, by the protocol of https://healthchecks.io/docs/http_api/. The service alerts when pings stop. */
export interface Heartbeat {
  /**
   * Tries three times within ten seconds. Never throws, because a run does not depend on it.
   * @param url the success URL; a secret. `/start` and `/fail` are appended to its path.
   * @param rid a lower-case UUID that links a run's start and end: {@link runUuid}.
   * @param body plain text; the first 100 kB are sent.
   * @returns what went wrong, without the URL; undefined: the ping succeeded.
   */
  ping(url: string, kind: HeartbeatKind, rid: string, body: string, signal?: AbortSignal): Promise<string | undefined>;
}

export interface HeartbeatDeps {
  readonly redact: (text: string) => string;
  /** For all attempts together, in milliseconds. */
  readonly deadlineMs?: number;
  /** The delay before each attempt after the first. */
  readonly backOffMs?: readonly number[];
}

const MAX_BODY_BYTES = 100_000;

export function createHeartbeat({ redact, deadlineMs = 10_000, backOffMs = [500, 2000] }: HeartbeatDeps): Heartbeat {
  const shareMs = (deadlineMs - backOffMs.reduce((sum, ms) => sum + ms, 0)) / (backOffMs.length + 1);
  return {
    ping: async (url, kind, rid, body, signal = new AbortController().signal) => {
      try {
        const target = addressOf(url, kind, rid);
        const post = { url: target, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: cut(redact(body)) };
        await withDeadline(new URL(url).host, deadlineMs, signal, (limit) => tryPost(post, limit));
        return undefined;
      } catch (error) {
        return `the heartbeat (${kind}) was not delivered: ${redact(asDrillError(error).message)}`;
      }
    },
  };

  /** Each attempt gets its share of the time. */
  async function tryPost(post: Parameters<typeof httpPost>[0], signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await httpPost(post, { signal, deadlineMs: shareMs, redact });
        return;
      } catch (error) {
        const waitMs = backOffMs[attempt];
        if (signal.aborted || waitMs === undefined || (error instanceof NotifyError && !error.retryable)) throw error;
        await sleep(waitMs, undefined, { signal });
      }
    }
  }
}

/** A UUID (version 8) derived from a run's id, so that start and end match even when different processes send them. */
export function runUuid(runId: string): string {
  const hex = createHash('sha256').update(runId).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The URL's query (`?create=1`) is kept. */
function addressOf(url: string, kind: HeartbeatKind, rid: string): string {
  const address = new URL(url);
  if (kind !== 'success') address.pathname = `${address.pathname.replace(/\/+$/, '')}/${kind}`;
  address.searchParams.set('rid', rid);
  return address.href;
}

function cut(body: string): string {
  const bytes = Buffer.from(body);
  return bytes.length <= MAX_BODY_BYTES
    ? body
    : bytes
        .subarray(0, MAX_BODY_BYTES)
        .toString('utf8')
        .replace(/\uFFFD$/, '');
}
