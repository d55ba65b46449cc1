/**
 * Processes the items, at most `atOnce` at a time. After an error no further one is started, and the error is thrown once those in progress have ended.
 * @returns the results in the order of the items.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const left = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (failure) return;
      try {
        results.set(index, await work(item));
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failure) throw failure.error;
  return [...results.entries()].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}
