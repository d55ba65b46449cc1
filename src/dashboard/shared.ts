import type { DrillControl } from './control.ts';

const MINUTE_MS = 60_000;

/**
 * What is made once for everybody who looks: it depends on how a drill stands, and on the minute, as ages are told in minutes. Anything that changes in this
 * process makes all of it anew; what another process changes shows with the next look at how drills stand, or within a minute.
 */
export class Shared<Value> {
  #made = new WeakMap<object, { readonly minute: number; readonly value: Value }>();
  readonly #subscription: Disposable;

  constructor(control: Pick<DrillControl, 'subscribe'>) {
    this.#subscription = control.subscribe(({ kind }) => {
      if (kind !== 'progress') this.#made = new WeakMap();
    });
  }

  /** @param owner what it is made of: another object, another value. */
  get(owner: object, now: Date, make: () => Value): Value {
    const minute = Math.floor(now.getTime() / MINUTE_MS);
    const known = this.#made.get(owner);
    if (known?.minute === minute) return known.value;
    const value = make();
    this.#made.set(owner, { minute, value });
    return value;
  }

  forget(owner: object): void {
    this.#made.delete(owner);
  }

  close(): void {
    this.#subscription[Symbol.dispose]();
  }
}
