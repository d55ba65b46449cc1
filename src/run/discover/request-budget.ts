/** Keys per list request, at least, assumed for stores that do not count their requests. */
const KEYS_PER_REQUEST = 1000;

/** Limits the number of requests of one scan, over all its sources. */
export class RequestBudget {
  readonly max: number;
  /** Requests that stores counted. */
  sent = 0;
  #spent = 0;

  constructor(max: number) {
    this.max = max;
  }

  get left(): number {
    return Math.max(0, this.max - this.#spent);
  }

  /** A share of what is left for one of the remaining sources, so that a large one leaves something for the others. What it does not use goes to them. */
  share(sourcesLeft: number): SourceBudget {
    const limit = Math.ceil(this.left / Math.max(1, sourcesLeft));
    return new SourceBudget(limit, (requests, isCounted) => {
      this.#spent += requests;
      if (isCounted) this.sent += requests;
    });
  }
}

/** The request budget of one source. */
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

  /** @param requests as counted by the source; undefined: it does not count them. @returns whether any are left. */
  note(requests: number | undefined, keys: number): boolean {
    const spent = requests ?? Math.ceil(keys / KEYS_PER_REQUEST);
    this.#onSpent(spent - this.#spent, requests !== undefined);
    this.#spent = spent;
    return this.left > 0;
  }
}
