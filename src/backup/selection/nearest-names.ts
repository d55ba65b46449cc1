/** Beyond so many the distances would cost more than the hint is worth. */
const MOST_NAMES = 5000;

/** @returns up to three names, nearest first: those that contain the wanted text, then by edit distance. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  return names
    .slice(-MOST_NAMES)
    .map((name) => ({
      name,
      distance: name.includes(wanted) ? 0 : editDistance(wanted.slice(0, 200), name.slice(0, 200)),
    }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
