/** Retains the newest items, in the order they were added: memory use is bounded. */
export class KeptNewest<Item> {
  readonly #limit: number;
  readonly #weigh: (item: Item) => number;
  #items: Item[] = [];
  #weight = 0;
  #dropped = 0;

  /**
   * @param limit how many of the newest are retained; temporarily up to twice as many.
   * @param weigh how many items a larger one counts as. Default: one.
   */
  constructor(limit: number, weigh: (item: Item) => number = () => 1) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#weight += this.#weigh(item);
    if (this.#weight < this.#limit * 2) return;
    let from = 0;
    for (; this.#weight > this.#limit && from < this.#items.length - 1; from += 1)
      this.#weight -= this.#weigh(this.#items[from] ?? item);
    this.#dropped += from;
    this.#items = this.#items.slice(from);
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  /** How many items were added but not retained. */
  get dropped(): number {
    return this.#dropped;
  }
}

/** Share that is dropped at once: finding the oldest entry of a map is slow after many before it were removed. */
export const FORGOTTEN_SHARE = 1 / 8;

/** Sets a value as the newest entry of a map, which drops its oldest entries beyond the limit. */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  for (const oldest of map.keys()) {
    if (map.size <= limit * (1 - FORGOTTEN_SHARE)) return;
    map.delete(oldest);
  }
}

/** Retains the newest pending items by key. */
export class KeptByKey<Key, Item> {
  readonly #limit: number;
  readonly #weigh: (item: Item) => number;
  readonly #items = new Map<Key, Item>();
  #weight = 0;

  /** @param limit maximum number of retained items; the newest is always retained. @param weigh how many items a larger one counts as. */
  constructor(limit: number, weigh: (item: Item) => number) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  set(key: Key, item: Item): void {
    this.take(key);
    this.#items.set(key, item);
    this.#weight += this.#weigh(item);
    if (this.#weight <= this.#limit) return;
    for (const oldest of this.#items.keys()) {
      if (oldest === key || this.#weight <= this.#limit * (1 - FORGOTTEN_SHARE)) return;
      this.take(oldest);
    }
  }

  /** Removes an item. @returns undefined if it was not retained. */
  take(key: Key): Item | undefined {
    const item = this.#items.get(key);
    if (item === undefined) return undefined;
    this.#items.delete(key);
    this.#weight -= this.#weigh(item);
    return item;
  }

  get size(): number {
    return this.#items.size;
  }
}

/** Retains the newest wanted items, however many others there are, and the newest others. */
export class KeptMeant<Item> {
  readonly #isMeant: (item: Item) => boolean;
  readonly #meant: KeptNewest<Item>;
  readonly #others: KeptNewest<Item>;

  /** @param limit for each kind, see {@link KeptNewest}. */
  constructor(limit: number, isMeant: (item: Item) => boolean, weigh?: (item: Item) => number) {
    this.#isMeant = isMeant;
    this.#meant = new KeptNewest(limit, weigh);
    this.#others = new KeptNewest(limit, weigh);
  }

  add(item: Item): void {
    (this.#isMeant(item) ? this.#meant : this.#others).add(item);
  }

  /** Each kind is in order. */
  get items(): readonly Item[] {
    return [...this.#meant.items, ...this.#others.items];
  }

  get size(): number {
    return this.#meant.items.length + this.#others.items.length;
  }

  /** How many wanted items were not retained. */
  get dropped(): number {
    return this.#meant.dropped;
  }
}
