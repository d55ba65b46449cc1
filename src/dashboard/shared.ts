const MINUTE_MS = 60_000;

/** What is made once for everybody who looks, until what it is made of is another object, or the minute is over, as ages are told in minutes. */
export class Shared<Value> {
  readonly #made = new WeakMap<object, { readonly minute: number; readonly value: Value }>();

  get(owner: object, now: Date, make: () => Value): Value {
    const minute = Math.floor(now.getTime() / MINUTE_MS);
    const known = this.#made.get(owner);
    if (known?.minute === minute) return known.value;
    const value = make();
    this.#made.set(owner, { minute, value });
    return value;
  }
}
