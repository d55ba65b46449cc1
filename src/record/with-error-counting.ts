import { asDrillError, type DrillError } from '../support/errors.ts';
import type { Store } from './store.ts';

const STORE_CODES = new Set<string>(['store-failed', 'store-newer', 'disk-full', 'internal']);

/** Reports each failure of the store to `onError`, except requests for something that does not exist, and closing: a lost store may fail to close. */
export function withErrorCounting(store: Store, onError: (error: DrillError) => void): Store {
  // Wraps every method of the contract, including future ones.
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function' || typeof key === 'symbol') return member;
      return (...args: unknown[]) => counted(Reflect.apply(member, target, args));
    },
  });

  function counted(result: unknown): unknown {
    if (!(result instanceof Promise)) return result;
    return result.catch((thrown: unknown) => {
      const error = asDrillError(thrown);
      if (STORE_CODES.has(error.code)) onError(error);
      throw thrown;
    });
  }
}
