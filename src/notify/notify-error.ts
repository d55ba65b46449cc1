import { DrillError } from '../support/errors.ts';

export interface NotifyErrorOptions {
  /** Whether a retry can help. */
  readonly retryable: boolean;
  /** The delay requested by the receiver; undefined: none. */
  readonly retryAfterMs?: number | undefined;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A message that could not be delivered. Contains no secrets: no webhook URL, key or password. */
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
