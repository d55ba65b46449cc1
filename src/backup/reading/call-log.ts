import type { Clock } from '../../support/clock.ts';
import { limitSaid, type OnStoreRequest, type RequestOutcome } from '../../support/store-request.ts';

/** How a call of a program that reads a store ended. */
export interface CallEnd {
  readonly outcome: RequestOutcome;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The program's error output. */
  readonly said?: string;
}

/** Reports each call of a program that reads a store as a store request. */
export class CallLog {
  readonly #endpoint: string;
  readonly #clock: Clock;
  readonly #onRequest: OnStoreRequest;

  constructor(endpoint: string, clock: Clock, onRequest: OnStoreRequest) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#onRequest = onRequest;
  }

  /** @returns a function to call when the call has ended; later invocations are ignored. */
  begin(operation: string, key: string | undefined): (end: CallEnd) => void {
    const at = this.#clock.now();
    const startMs = this.#clock.monotonicMs();
    let isReported = false;
    return ({ outcome, attempt, said = '' }) => {
      if (isReported) return;
      isReported = true;
      this.#onRequest({
        at,
        endpoint: this.#endpoint,
        operation,
        key,
        status: undefined,
        requestIds: {},
        attempt,
        durationMs: this.#clock.monotonicMs() - startMs,
        outcome,
        said: outcome === 'answered' ? undefined : limitSaid(said),
        headers: {},
      });
    };
  }
}
