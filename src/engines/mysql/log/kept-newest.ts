/** The newest of what is added, in order: memory stays flat however much there is. */
export class KeptNewest<Item> {
  readonly #limit: number;
  #items: Item[] = [];
  #dropped = 0;

  /** @param limit of this many the newest are kept at least, and twice as many at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length < this.#limit * 2) return;
    this.#dropped += this.#items.length - this.#limit;
    this.#items = this.#items.slice(-this.#limit);
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

/** The newest of what is meant, whatever else there is, and the newest of the rest. */
export class KeptMeant<Item> {
  readonly #isMeant: (item: Item) => boolean;
  readonly #meant: KeptNewest<Item>;
  readonly #others: KeptNewest<Item>;

  /** @param limit of each, see {@link KeptNewest}. */
  constructor(limit: number, isMeant: (item: Item) => boolean) {
    this.#isMeant = isMeant;
    this.#meant = new KeptNewest(limit);
    this.#others = new KeptNewest(limit);
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
