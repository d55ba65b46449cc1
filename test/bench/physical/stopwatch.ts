/** @returns seconds since the last call. */
export function stopwatch(): () => number {
  let lastMs = performance.now();
  return () => {
    const sinceS = (performance.now() - lastMs) / 1000;
    lastMs = performance.now();
    return sinceS;
  };
}
