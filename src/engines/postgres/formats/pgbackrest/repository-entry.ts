/** A full backup's label is the time at which it began, in the time zone of its host; that of another has its full backup's before its own. */
const LABEL = String.raw`\d{8}-\d{6}F(?:_\d{8}-\d{6}[DI])?`;

/** The key of a backup's directory. */
export const ENTRY = new RegExp(`(?:^|/)${LABEL}/$`);

/** Where a backup is in its repository. */
export interface RepositoryEntry {
  /** The repository's own place in the source, empty or with a closing `/`. */
  readonly root: string;
  readonly stanza: string;
  readonly label: string;
}

const PLACE = new RegExp(`^((?:.*/)?)backup/([^/]+)/(${LABEL})/$`, 's');

/** @returns undefined for a directory that is in no repository, or whose repository begins above the source. */
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
