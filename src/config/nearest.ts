/**
 * The one of `known` that a person most likely meant by `word`: it begins alike (`minimum` → `min`), or at most a third of it has to
 * be changed. @returns undefined when nothing is near.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().replaceAll(/[-_]/g, '');
  const scored = known
    .map((candidate) => ({ candidate, cost: costOf(wanted, candidate.toLowerCase().replaceAll(/[-_]/g, '')) }))
    .sort((a, b) => a.cost - b.cost);
  const [best] = scored;
  return best && best.cost <= 1 ? best.candidate : undefined;
}

/** 0 is the same; above 1 is too far. */
function costOf(wanted: string, candidate: string): number {
  const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
  const share = editDistance(wanted, candidate) / allowed;
  const shorter = Math.min(wanted.length, candidate.length);
  const beginsAlike = shorter >= 3 && (wanted.startsWith(candidate) || candidate.startsWith(wanted));
  return beginsAlike ? Math.min(share, 1) : share;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, each at a cost of one. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(substitution, at(previous, j) + 1, at(current, j - 1) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
