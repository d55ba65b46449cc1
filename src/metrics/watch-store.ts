import type { Store } from '../record/store.ts';
import { asDrillError, type DrillError } from '../support/errors.ts';

const STORE_CODES = new Set<string>(['store-failed', 'store-newer', 'disk-full', 'internal']);

/** Wraps a store and reports each of its failures, except requests for something that does not exist. */
export function watchStore(store: Store, onError: (error: DrillError) => void): Store {
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => told(Reflect.apply(member, target, args));
    },
  });

  function told(result: unknown): unknown {
    if (!(result instanceof Promise)) return result;
    return result.catch((thrown: unknown) => {
      const error = asDrillError(thrown);
      if (STORE_CODES.has(error.code)) onError(error);
      throw thrown;
    });
  }
}
