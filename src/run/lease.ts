import { RunEndedError, type Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';

/** A run whose process has not been heard of for this long is taken for dead, on whatever host it ran. */
export const LEASE_MS = 120_000;
const HEARTBEAT_MS = 30_000;

/**
 * Extends the run's lease in the store while the run goes on. A heartbeat that fails is told and tried again at the next:
 * the run itself is not worth giving up for it.
 */
export function keepLease(
  runId: string,
  deps: {
    store: Pick<Store, 'extendLease'>;
    clock: Clock;
    onError: (error: unknown) => void;
    /** The run is on record as ended: it is not this process's any more. */
    onEnded: () => void;
  },
): Disposable {
  const timer = setInterval(() => {
    deps.store.extendLease(runId, new Date(deps.clock.now().getTime() + LEASE_MS)).catch((thrown: unknown) => {
      if (thrown instanceof RunEndedError) deps.onEnded();
      else deps.onError(thrown);
    });
  }, HEARTBEAT_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
