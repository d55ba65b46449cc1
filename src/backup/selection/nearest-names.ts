import { distance } from 'fastest-levenshtein';

/** Beyond this many names, computing distances costs more than the hint is worth. */
const MAX_NAMES = 5000;

/** @returns up to three names, nearest first: those that contain the wanted text, then by edit distance. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  return names
    .slice(-MAX_NAMES)
    .map((name) => ({
      name,
      changes: name.includes(wanted) ? 0 : distance(wanted.slice(0, 200), name.slice(0, 200)),
    }))
    .sort((a, b) => a.changes - b.changes)
    .slice(0, 3)
    .map(({ name }) => name);
}
