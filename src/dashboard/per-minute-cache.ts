const MINUTE_MS = 60_000;

/** Caches values computed from an object for a minute, since pages show ages in minutes. Entries are dropped with their objects, so it needs no limit. */
export class PerMinuteCache<Value> {
  readonly #entries = new WeakMap<object, { readonly minute: number; readonly value: Value }>();

  get(source: object, now: Date, compute: () => Value): Value {
    const minute = Math.floor(now.getTime() / MINUTE_MS);
    const cached = this.#entries.get(source);
    if (cached?.minute === minute) return cached.value;
    const value = compute();
    this.#entries.set(source, { minute, value });
    return value;
  }
}
