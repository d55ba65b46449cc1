/** Stores that do not count their requests list at least so many keys with each. */
const KEYS_PER_REQUEST = 1000;

/** Limits the requests of one look, over all its sources. */
export class RequestBudget {
  readonly max: number;
  /** Those that stores counted. */
  sent = 0;
  #spent = 0;

  constructor(max: number) {
    this.max = max;
  }

  get left(): number {
    return Math.max(0, this.max - this.#spent);
  }

  /** A part for one of several sources that are left, so that a large one leaves something to the others. What it does not need, they get. */
  share(sourcesLeft: number): SourceBudget {
    const limit = Math.ceil(this.left / Math.max(1, sourcesLeft));
    return new SourceBudget(limit, (requests, isCounted) => {
      this.#spent += requests;
      if (isCounted) this.sent += requests;
    });
  }
}

/** What one source may cost. */
export class SourceBudget {
  readonly #limit: number;
  readonly #onSpent: (requests: number, isCounted: boolean) => void;
  #spent = 0;

  constructor(limit: number, onSpent: (requests: number, isCounted: boolean) => void) {
    this.#limit = limit;
    this.#onSpent = onSpent;
  }

  get left(): number {
    return Math.max(0, this.#limit - this.#spent);
  }

  /** @param requests as the source counts them; undefined: it does not. @returns whether any are left. */
  note(requests: number | undefined, keys: number): boolean {
    const spent = requests ?? Math.ceil(keys / KEYS_PER_REQUEST);
    this.#onSpent(spent - this.#spent, requests !== undefined);
    this.#spent = spent;
    return this.left > 0;
  }
}
