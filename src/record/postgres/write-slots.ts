/** The error `code` for a write that did not get its turn. */
export const NO_TURN = 'FIREDRILL_NO_TURN';

/**
 * Writers wait for each other, so only a few per process get a connection; otherwise they would starve the readers.
 * @param waitMs how long to wait for earlier writers.
 * @returns a function that runs the work when it is its turn, and rejects with {@link NO_TURN} if that takes too long.
 */
export function createWriteSlots(count: number, waitMs: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count;
  const waiting = new Set<() => void>();
  const turn = () =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        waiting.delete(begin);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(begin);
        reject(Object.assign(new Error(`earlier writes did not end within ${waitMs} ms`), { code: NO_TURN }));
      }, waitMs);
      waiting.add(begin);
    });
  return async (work) => {
    if (free > 0) free -= 1;
    else await turn();
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next) next();
      else free += 1;
    }
  };
}
