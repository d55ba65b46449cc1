/**
 * Processes many items in order, `atOnce` at a time: a batch begins when all items of the previous one have ended.
 * @throws the error of the first item that fails; later batches are not started.
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
