/**
 * Does the same work for each of many things, so many at once, in order: the next ones begin when all of those before have ended.
 * @throws what the first that fails throws; what would come after its batch is not begun.
 */
export async function inBatches<T, U>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<U>,
): Promise<readonly U[]> {
  const results: U[] = [];
  for (let at = 0; at < all.length; at += atOnce)
    results.push(...(await Promise.all(all.slice(at, at + atOnce).map(work))));
  return results;
}
