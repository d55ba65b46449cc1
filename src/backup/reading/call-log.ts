import type { Clock } from '../../support/clock.ts';
import type { RequestRecord } from '../source.ts';

/** How many calls are kept as evidence. */
const KEPT_CALLS = 200;

/** The last calls of a program that reads a store, as evidence. */
export class CallLog {
  readonly records: RequestRecord[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns a function that records the call, once it has ended. */
  begin(operation: string, key: string | undefined): (attempts: number) => void {
    const at = this.#clock.now();
    const startMs = this.#clock.monotonicMs();
    const unknown = { status: undefined, requestId: undefined, extendedRequestId: undefined };
    return (attempts) => {
      const durationMs = this.#clock.monotonicMs() - startMs;
      this.records.push({ at, operation, key, ...unknown, attempts, durationMs });
      if (this.records.length > KEPT_CALLS) this.records.shift();
    };
  }
}
