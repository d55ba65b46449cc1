import { AsyncLocalStorage } from 'node:async_hooks';
import type * as S3 from '@aws-sdk/client-s3';
import type { Clock } from '../../../support/clock.ts';
import {
  limitSaid,
  type OnStoreRequest,
  type RequestOutcome,
  type StoreRequest,
} from '../../../support/store-request.ts';
import { isThrottled } from './s3-errors.ts';
import { readFailure } from './s3-failure.ts';

/** Response headers that identify a request to the provider or to a proxy in front of it. */
const ID_HEADER = /^(x-(amz-)?(request-id|id-2)|x-[a-z0-9-]*-(request-id|trace-id|uploadid)|x-trace-id|cf-ray)$/;
/** Response headers that show where the response comes from. Other headers may contain anything and are not recorded. */
const KEPT_HEADER = /^(date|server|via|retry-after|content-type|content-length|x-cache|x-amz-(bucket-region|cf-pop))$/;
const MAX_VALUE_LENGTH = 200;

interface Command {
  readonly commandName?: string;
}
interface Sent {
  readonly input: object;
  readonly request: unknown;
}

/** One of our attempts, including any retries by the SDK within it. */
interface Attempt {
  readonly number: number;
  /** The caller's signal: a request that the caller cancels says nothing about the store. */
  readonly signal: AbortSignal;
  /** Identifies the read if a body follows the response. */
  readonly holds: object | undefined;
}

type Plugin = Parameters<S3.S3Client['middlewareStack']['use']>[0];

/**
 * Observes each request that an SDK client sends, below its retries and redirects, so that requests repeated by the SDK itself are seen too. A read is
 * reported once its body has ended, because only then do we know whether it was cut.
 */
export class S3Attempts {
  /** Number of requests sent. */
  sent = 0;
  readonly #endpoint: string;
  readonly #clock: Clock;
  readonly #onRequest: OnStoreRequest;
  readonly #current = new AsyncLocalStorage<Attempt>();
  readonly #held = new WeakMap<object, StoreRequest>();

  constructor(endpoint: string, clock: Clock, onRequest: OnStoreRequest) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#onRequest = onRequest;
  }

  /** For `middlewareStack.use`, and for clients that the SDK creates itself. */
  readonly plugin: Plugin = {
    applyToStack: (stack) => {
      stack.addRelativeTo(
        <A extends Sent, R extends { readonly response: unknown }>(next: (args: A) => Promise<R>, context: Command) =>
          async (args: A): Promise<R> => {
            const done = this.#begin(context.commandName, args.input, args.request);
            try {
              const result = await next(args);
              done(result.response, undefined);
              return result;
            } catch (error) {
              done((error as { $response?: unknown }).$response, error);
              throw error;
            }
          },
        { relation: 'after', toMiddleware: 'retryMiddleware', name: 'watchAttempts', override: true },
      );
    },
  };

  /** @param holds identifies the read, if a body follows the response: {@link settle} reports it. */
  run<T>(attempt: Attempt, send: () => Promise<T>): Promise<T> {
    return this.#current.run(attempt, send);
  }

  /** Reports the answered request of a read whose body has ended. */
  settle(holds: object, outcome: Extract<RequestOutcome, 'answered' | 'cut'>, why = ''): void {
    const request = this.#held.get(holds);
    if (!request) return;
    this.#held.delete(holds);
    this.#onRequest({ ...request, outcome, said: limitSaid(why) });
  }

  #begin(command: string | undefined, input: unknown, request: unknown) {
    this.sent += 1;
    const current = this.#current.getStore();
    const at = this.#clock.now();
    const startMs = this.#clock.monotonicMs();
    return (response: unknown, error: unknown): void => {
      if (current?.signal.aborted) return;
      const failure = error === undefined ? undefined : readFailure(error);
      const headers = headersOf(response);
      const status = (response as { statusCode?: number } | undefined)?.statusCode ?? failure?.status;
      const outcome = judgeOutcome(status, error);
      const seen: StoreRequest = {
        at,
        endpoint: this.#endpoint,
        operation: (command ?? 'request').replace(/Command$/, ''),
        key: keyOf(input),
        status,
        requestIds: pick(headers, ID_HEADER),
        attempt: (current?.number ?? 1) + sdkAttempt(request) - 1,
        durationMs: this.#clock.monotonicMs() - startMs,
        outcome,
        said: failure && limitSaid(`${failure.name}: ${failure.message}`),
        headers: outcome === 'answered' ? {} : pick(headers, KEPT_HEADER),
      };
      if (outcome === 'answered' && current?.holds) this.#held.set(current.holds, seen);
      else this.#onRequest(seen);
    };
  }
}

function judgeOutcome(status: number | undefined, error: unknown): RequestOutcome {
  if (error !== undefined && isThrottled(readFailure(error))) return 'throttled';
  if (status === undefined) return 'unanswered';
  if (status >= 500 || status === 408) return 'failed';
  return status < 400 ? 'answered' : 'refused';
}

function keyOf(input: unknown): string | undefined {
  const { Key, Prefix } = input as { Key?: string; Prefix?: string };
  return Key ?? (Prefix === '' ? undefined : Prefix);
}

/** @returns the SDK's own attempt number for this request (`attempt=2; max=3`). */
function sdkAttempt(request: unknown): number {
  const header = headersOf(request)['amz-sdk-request'];
  return Number(/attempt=(\d+)/.exec(header ?? '')?.[1] ?? 1);
}

function headersOf(message: unknown): Readonly<Record<string, string>> {
  return (message as { headers?: Record<string, string> } | undefined)?.headers ?? {};
}

function pick(headers: Readonly<Record<string, string>>, wanted: RegExp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const lower = name.toLowerCase();
      const text = limitSaid(String(value).slice(0, MAX_VALUE_LENGTH));
      return wanted.test(lower) && text !== undefined ? [[lower, text]] : [];
    }),
  );
}
