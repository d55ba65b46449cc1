import type * as S3 from '@aws-sdk/client-s3';
import { formatDuration } from '../../../support/quantities.ts';
import { limitTime } from '../../../support/time-limit.ts';
import { backOff, MAX_ATTEMPTS, type RetryDeps, SYSTEM_RETRY } from '../../reading/retry.ts';
import type { S3Attempts } from './s3-attempts.ts';
import { explainS3Error, isTransient } from './s3-errors.ts';
import type { S3Request } from './s3-failure.ts';
import type { S3Spec } from './s3-spec.ts';

export interface S3Deps extends RetryDeps {
  /** A connection that delivers nothing for this long counts as cut. */
  readonly stallMs: number;
  /** A request without a response (for a read, its headers) after this long counts as timed out. */
  readonly answerMs: number;
  /**
   * A connection without a request for this long is closed here. Stores close idle connections too, some after 5 s, and a request sent at that moment fails
   * with an error that did not come from the store.
   */
  readonly idleMs: number;
}

export const SYSTEM_S3_DEPS: S3Deps = {
  ...SYSTEM_RETRY,
  stallMs: 30_000,
  answerMs: 60_000,
  idleMs: 4000,
};

interface Metadata {
  readonly httpStatusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly extendedRequestId?: string | undefined;
}
/** A response, or its body, with the ids that identify it at the provider. */
export type Answer<T> = T & { readonly $metadata: Metadata };

/**
 * Sends the requests of one source, with retries and time limits. Retries are handled here and not in the SDK, because cut bodies must be resumed anyway.
 */
export class S3Requests {
  readonly #attempts: S3Attempts;
  readonly #client: S3.S3Client;
  readonly #spec: Pick<S3Spec, 'bucket' | 'endpoint'>;
  readonly #region: string;
  readonly #deps: S3Deps;

  constructor(
    client: S3.S3Client,
    spec: Pick<S3Spec, 'bucket' | 'endpoint'>,
    region: string,
    deps: S3Deps,
    attempts: S3Attempts,
  ) {
    client.middlewareStack.use(attempts.plugin);
    this.#attempts = attempts;
    this.#client = client;
    this.#spec = spec;
    this.#region = region;
    this.#deps = deps;
  }

  /** Number of requests sent, retries included. */
  get sent(): number {
    return this.#attempts.sent;
  }

  /**
   * Runs one operation with retries.
   * @param read for an operation whose response has a body: its attempts so far; report how the body ended with {@link bodyEnded}.
   * @throws DrillError
   */
  async ask<T>(
    operation: string,
    key: string | undefined,
    signal: AbortSignal,
    send: (client: S3.S3Client, options: { readonly abortSignal: AbortSignal }) => Promise<Answer<T>>,
    read?: { attempts: number },
  ): Promise<Answer<T>> {
    const budget = read ?? { attempts: 0 };
    for (;;) {
      signal.throwIfAborted();
      budget.attempts += 1;
      try {
        return await this.#attempts.run({ number: budget.attempts, signal, holds: read }, () =>
          withinLimit(this.#deps.answerMs, signal, (abortSignal) => send(this.#client, { abortSignal })),
        );
      } catch (error) {
        if (signal.aborted) throw reasonOf(signal);
        await this.waitOrGiveUp(error, operation, key, budget.attempts, signal);
      }
    }
  }

  /** @param cause why the body ended before its last byte; undefined: it was complete, or the reader stopped early. */
  bodyEnded(read: object, cause: Error | undefined): void {
    if (cause) this.#attempts.settle(read, 'cut', cause.message);
    else this.#attempts.settle(read, 'answered');
  }

  /** Waits before the next attempt. @throws DrillError when no attempts are left. */
  async waitOrGiveUp(
    error: unknown,
    operation: string,
    key: string | undefined,
    attempts: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (!isTransient(error) || attempts >= MAX_ATTEMPTS) {
      throw explainS3Error(error, this.#describe(operation, key, attempts));
    }
    await backOff(this.#deps, attempts, signal);
  }

  #describe(operation: string, key: string | undefined, attempts: number): S3Request {
    const { bucket, endpoint } = this.#spec;
    return { operation, key, bucket, attempts, region: this.#region, endpoint: nameEndpoint(endpoint, this.#region) };
  }
}

/** Human-readable: the configured endpoint, or the region's. */
export function nameEndpoint(endpoint: string | undefined, region: string): string {
  return endpoint ?? `S3 in ${region}`;
}

/** Sends with a signal that also aborts when no response arrives in time; after that, only `signal` aborts the body. */
async function withinLimit<T>(
  limitMs: number,
  signal: AbortSignal,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = Object.assign(new Error(`no complete answer within ${formatDuration(limitMs)}`), {
    name: 'TimeoutError',
  });
  using limit = limitTime(limitMs, () => late, signal);
  try {
    return await send(limit.signal);
  } catch (error) {
    throw limit.signal.reason === late ? late : error;
  }
}

export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
