/** What took long to make, by name, until what it is made of changes. Beyond `most` names, that which nobody has asked for longest is let go. */
export class Kept<Value> {
  readonly #most: number;
  /** In the order in which they were last asked for. */
  readonly #made = new Map<string, { readonly key: string; readonly value: Promise<Value> }>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @param key stands for all that it is made of. Whoever asks while it is made gets the same; what failed is made again for the next. */
  get(name: string, key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#made.get(name);
    if (known) this.#made.delete(name);
    const one = known?.key === key ? known : { key, value: make() };
    this.#made.set(name, one);
    if (one !== known) one.value.catch(() => this.#made.get(name) === one && this.#made.delete(name));
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= this.#most) break;
      this.#made.delete(oldest);
    }
    return one.value;
  }

  has(name: string, key: string): boolean {
    return this.#made.get(name)?.key === key;
  }
}
