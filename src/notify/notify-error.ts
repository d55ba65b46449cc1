import { DrillError } from '../support/errors.ts';

export interface NotifyErrorOptions {
  /** Whether trying again can help. */
  readonly retryable: boolean;
  /** What the other side asked for; undefined: it named no time. */
  readonly retryAfterMs?: number | undefined;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A message that did not arrive. It holds no secret: no webhook URL, no key, no password. */
export class NotifyError extends DrillError {
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { retryable, retryAfterMs, hint, cause }: NotifyErrorOptions) {
    super('notify-failed', message, {
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}
