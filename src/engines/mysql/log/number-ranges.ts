/** Both ends are inclusive. */
export type NumberRange = readonly [from: bigint, to: bigint];

/**
 * A set of whole numbers, as ordered ranges that do not touch. Adding or looking up a number takes a number of comparisons logarithmic in the number of ranges,
 * even for a set with many holes, and adding many at once costs little more than sorting them.
 */
export class NumberRanges {
  readonly #isLess: (one: bigint, other: bigint) => boolean;
  #ranges: NumberRange[] = [];

  constructor(isLess: (one: bigint, other: bigint) => boolean = (one, other) => one < other) {
    this.#isLess = isLess;
  }

  /** In ascending order. */
  get ranges(): readonly NumberRange[] {
    return this.#ranges;
  }

  add(range: NumberRange): void {
    const [from, to] = range;
    const start = this.#firstThat(([, last]) => !this.#isLess(last + 1n, from)); // the first that it touches, or that is above it
    const end = this.#firstThat(([first]) => this.#isLess(to + 1n, first));
    const [below, above] = [this.#ranges[start], this.#ranges[end - 1]];
    if (start === end || !below || !above) this.#ranges.splice(start, 0, range);
    else this.#ranges.splice(start, end - start, [this.#lesser(below[0], from), this.#greater(above[1], to)]);
  }

  /** In any order. */
  addAll(added: readonly NumberRange[]): void {
    const [first] = added;
    if (first && added.length === 1) {
      this.add(first);
      return;
    }
    const joined: [bigint, bigint][] = [];
    for (const [from, to] of this.#ranges.concat(added).sort(([a], [b]) => (this.#isLess(a, b) ? -1 : 1))) {
      const last = joined.at(-1);
      if (!last || this.#isLess(last[1] + 1n, from)) joined.push([from, to]);
      else last[1] = this.#greater(last[1], to);
    }
    this.#ranges = joined;
  }

  /** Whether it contains every number of a range. */
  has([from, to]: NumberRange): boolean {
    const around = this.#around(from);
    return around !== undefined && !this.#isLess(around[1], to);
  }

  /** The first number, from here on, that is missing. */
  firstMissing(from: bigint): bigint {
    const around = this.#around(from);
    return around ? around[1] + 1n : from;
  }

  #around(number: bigint): NumberRange | undefined {
    const found = this.#ranges[this.#firstThat(([, last]) => !this.#isLess(last, number))];
    return found && !this.#isLess(number, found[0]) ? found : undefined;
  }

  /** @param is false for ranges up to some point, and true from there on. @returns its index; the number of ranges if it is true for none. */
  #firstThat(is: (range: NumberRange) => boolean): number {
    const newest = this.#ranges.at(-1);
    if (!newest || !is(newest)) return this.#ranges.length; // numbers mostly come in order
    let [low, high] = [0, this.#ranges.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const range = this.#ranges[middle];
      if (range && is(range)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #lesser(one: bigint, other: bigint): bigint {
    return this.#isLess(one, other) ? one : other;
  }

  #greater(one: bigint, other: bigint): bigint {
    return this.#isLess(one, other) ? other : one;
  }
}
