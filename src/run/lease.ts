import { RunEndedError, type Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';

/** A run without a heartbeat for this long is considered dead, whichever host it ran on. */
export const LEASE_MS = 120_000;
const HEARTBEAT_MS = 30_000;

/**
 * Extends the run's lease in the store while the run is in progress. A failed heartbeat is reported and retried at the next
 * interval; it does not end the run.
 */
export function keepLease(
  runId: string,
  deps: {
    store: Pick<Store, 'extendLease'>;
    clock: Clock;
    onError: (error: unknown) => void;
    /** Called when the store has the run as ended; it no longer belongs to this process. */
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
