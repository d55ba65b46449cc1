import type { Clock } from '../../support/clock.ts';

/** A clock on which reading takes time: it is ahead by this many milliseconds for each byte read. Instants are not changed. */
export function slowedClock(
  clock: Clock,
  msPerByte: number,
): { readonly clock: Clock; readonly onBytes: (count: number) => void } {
  let bytes = 0;
  return {
    clock: { now: () => clock.now(), monotonicMs: () => clock.monotonicMs() + bytes * msPerByte },
    onBytes: (count) => {
      bytes += count;
    },
  };
}
