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

/** Sets a value as the newest of a map, which forgets its oldest beyond so many. */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
