import { RunEndedError, type Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';

/** A run without a heartbeat for this long is considered dead by any process, on any host. */
export const LEASE_MS = 120_000;
/** On one machine, a dead process is detected at once by its pid. With a shared store, other machines watch for heartbeats: see `LeaseWatch`. */
const HEARTBEAT_MS = { alone: 30_000, shared: 5000 } as const;

/** @returns how often a run's lease is extended, in ms; other processes use the interval recorded with the run. */
export function leaseBeatMs({ isShared }: Pick<Store, 'isShared'>): number {
  return isShared ? HEARTBEAT_MS.shared : HEARTBEAT_MS.alone;
}

/**
 * Extends the run's lease in the store while the run is in progress. A failed heartbeat does not end the run: it is retried at the next interval, and only the
 * first failure in a row is reported.
 */
export function keepLease(
  runId: string,
  deps: {
    store: Pick<Store, 'extendLease' | 'isShared'>;
    clock: Clock;
    onError: (error: unknown) => void;
    /** Called when the store says that the run has ended; it no longer belongs to this process. */
    onEnded: () => void;
  },
): Disposable {
  const { store, clock, onError, onEnded } = deps;
  let isFailing = false;
  const beat = async () => {
    try {
      await store.extendLease(runId, new Date(clock.now().getTime() + LEASE_MS));
      isFailing = false;
    } catch (thrown) {
      if (thrown instanceof RunEndedError) onEnded();
      else if (!isFailing) onError(thrown);
      isFailing = true;
    }
  };
  const timer = setInterval(() => void beat(), leaseBeatMs(store));
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
