/** A full backup's label is the time at which it started, in the time zone of its host; the label of any other backup is prefixed with its full backup's. */
const LABEL = String.raw`\d{8}-\d{6}F(?:_\d{8}-\d{6}[DI])?`;

/** The key of a backup's directory. */
export const ENTRY = new RegExp(`(?:^|/)${LABEL}/$`);

/** Where a backup is in its repository. */
export interface RepositoryEntry {
  /** The repository's root in the source, empty or with a trailing `/`. */
  readonly root: string;
  readonly stanza: string;
  readonly label: string;
}

const PLACE = new RegExp(`^((?:.*/)?)backup/([^/]+)/(${LABEL})/$`, 's');

/** @returns undefined for a directory that is not in a repository, or whose repository starts above the source. */
export function readEntry(key: string): RepositoryEntry | undefined {
  const [, root, stanza, label] = PLACE.exec(key) ?? [];
  if (root === undefined || stanza === undefined || label === undefined) return undefined;
  return { root, stanza, label };
}

/** `full`, `diff` and `incr` in words. */
export function describeType(label: string): string {
  if (label.endsWith('D')) return 'differential';
  return label.endsWith('I') ? 'incremental' : 'full';
}
