import { distance } from 'fastest-levenshtein';

/**
 * The element of `known` that `word` most likely meant: with a common prefix (`minimum` → `min`), or differing in at most a third.
 * @returns undefined if nothing is close.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().replaceAll(/[-_]/g, '');
  const scored = known
    .map((candidate) => ({ candidate, cost: costOf(wanted, candidate.toLowerCase().replaceAll(/[-_]/g, '')) }))
    .sort((a, b) => a.cost - b.cost);
  const [best] = scored;
  return best && best.cost <= 1 ? best.candidate : undefined;
}

/** 0 means identical; above 1 is too different. */
function costOf(wanted: string, candidate: string): number {
  const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
  const share = countChanges(wanted, candidate) / allowed;
  const shorter = Math.min(wanted.length, candidate.length);
  const beginsAlike = shorter >= 3 && (wanted.startsWith(candidate) || candidate.startsWith(wanted));
  return beginsAlike ? Math.min(share, 1) : share;
}

/** The edit distance, with two swapped letters counted as one change, because that is the most common typo. */
function countChanges(a: string, b: string): number {
  const changes = distance(a, b);
  return changes === 2 && sorted(a) === sorted(b) ? 1 : changes;
}

function sorted(text: string): string {
  return [...text].sort().join('');
}
