import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isPgbackrest, MARK } from './is-pgbackrest.ts';
import { ENTRY, readEntry } from './repository-entry.ts';

const NONE = /(?!)/;

/** The manifest is renamed into place last. The `latest` of a posix repository is a link to one of the others, not a backup of its own. */
const LAYOUT: DirectoryLayout = {
  mark: MARK,
  needs: NONE,
  place: ENTRY,
  repository: foldersOf,
  seriesNoun: 'stanza',
  rootOf: (directory) => readEntry(directory)?.root,
};

/** A backup in a pgBackRest repository: `backup/STANZA/LABEL/`, next to the backups that it builds on, with the log in `archive/STANZA/`. */
export const pgbackrest: FormatDescriptor = {
  name: 'pgbackrest',
  product: 'a PostgreSQL backup of pgBackRest',
  claims: isPgbackrest,
  layout: LAYOUT,
  load: async () => (await import('./pgbackrest-format.ts')).pgbackrestFormat,
};

function foldersOf(directory: string): [string, string] | undefined {
  const entry = readEntry(directory);
  return entry && [`${entry.root}backup/${entry.stanza}/`, `${entry.root}archive/${entry.stanza}/`];
}
