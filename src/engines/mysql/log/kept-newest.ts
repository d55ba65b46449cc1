/** The newest of what is added, in order: memory stays flat however much there is. */
export class KeptNewest<Item> {
  readonly #limit: number;
  readonly #weigh: (item: Item) => number;
  #items: Item[] = [];
  #weight = 0;
  #dropped = 0;

  /**
   * @param limit so many of the newest are kept, and at times twice as many.
   * @param weigh for how many a larger item counts. Default: for one.
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

  /** How many were added, and are not kept. */
  get dropped(): number {
    return this.#dropped;
  }
}

/** So much is forgotten at once: finding the oldest of a map takes long when many were removed before it. */
export const FORGOTTEN_SHARE = 1 / 8;

/** Sets a value as the newest of a map, which forgets its oldest beyond so many. */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  for (const oldest of map.keys()) {
    if (map.size <= limit * (1 - FORGOTTEN_SHARE)) return;
    map.delete(oldest);
  }
}

/** The newest of what is waited for, by what it is known by. */
export class KeptByKey<Key, Item> {
  readonly #limit: number;
  readonly #weigh: (item: Item) => number;
  readonly #items = new Map<Key, Item>();
  #weight = 0;

  /** @param limit at most so many are kept, but always the newest. @param weigh for how many a larger item counts. */
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

  /** @returns undefined where it is not kept. It is not kept any longer. */
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

/** The newest of what is meant, whatever else there is, and the newest of the rest. */
export class KeptMeant<Item> {
  readonly #isMeant: (item: Item) => boolean;
  readonly #meant: KeptNewest<Item>;
  readonly #others: KeptNewest<Item>;

  /** @param limit of each, see {@link KeptNewest}. */
  constructor(limit: number, isMeant: (item: Item) => boolean, weigh?: (item: Item) => number) {
    this.#isMeant = isMeant;
    this.#meant = new KeptNewest(limit, weigh);
    this.#others = new KeptNewest(limit, weigh);
  }

  add(item: Item): void {
    (this.#isMeant(item) ? this.#meant : this.#others).add(item);
  }

  /** Each kind in order. */
  get items(): readonly Item[] {
    return [...this.#meant.items, ...this.#others.items];
  }

  get size(): number {
    return this.#meant.items.length + this.#others.items.length;
  }

  /** How many of those that are meant are not kept. */
  get dropped(): number {
    return this.#meant.dropped;
  }
}
