import { LRUCache } from 'lru-cache';

interface Entry<Value> {
  readonly version: string;
  readonly value: Promise<Value>;
}

/** One value per name, recomputed when its version changes. Beyond `max` names, the least recently used one is dropped. */
export class VersionedCache<Value> {
  readonly #entries: LRUCache<string, Entry<Value>>;

  constructor(max: number) {
    this.#entries = new LRUCache({ max });
  }

  /**
   * @param version represents everything that the value depends on.
   * @returns the same promise to all callers while the value is being computed. A value that could not be computed is not cached.
   */
  get(name: string, version: string, compute: () => Promise<Value>): Promise<Value> {
    const cached = this.#entries.get(name);
    if (cached?.version === version) return cached.value;
    const entry = { version, value: compute() };
    this.#entries.set(name, entry);
    entry.value.catch(() => this.#entries.peek(name) === entry && this.#entries.delete(name));
    return entry.value;
  }

  has(name: string, version: string): boolean {
    return this.#entries.peek(name)?.version === version;
  }
}
