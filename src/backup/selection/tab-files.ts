import { DrillError } from '../../support/errors.ts';
import type { Candidate } from './candidates.ts';
import { readNameDate } from './taken-at-in-name.ts';

const WHAT = 'a dump by `mysqldump --tab`, which stores the definition and the rows of each table in separate files';

/**
 * Rejects a file that is only one part of a `mysqldump --tab` dump, judged by the files next to it.
 * @param all every candidate, matching or not.
 * @throws DrillError `format-unsupported`.
 */
export function refuseTabFile(candidate: Candidate, all: readonly Candidate[]): void {
  const folder = tabFileOf(candidate)?.folder;
  if (folder === undefined || !isOfTab(all.filter((other) => tabFileOf(other)?.folder === folder))) return;
  throw new DrillError('format-unsupported', `${candidate.name} is one file of ${WHAT}`, {
    hint: 'Dump without `--tab`, into one file, so that the rows are INSERT statements.',
  });
}

/** Replaces the files of each `mysqldump --tab` dump by one candidate for their folder, which is `refused`. */
export function joinTabFiles(candidates: readonly Candidate[], prefix: string): readonly Candidate[] {
  if (!candidates.some(({ name }) => ROWS_FILE.test(name))) return candidates;
  const folders = [...Map.groupBy(candidates, (candidate) => tabFileOf(candidate)?.folder)].flatMap(
    ([folder, files]) => (folder !== undefined && isOfTab(files) ? [{ folder, files }] : []),
  );
  if (folders.length === 0) return candidates;
  const joined = new Set(folders.flatMap(({ files }) => files));
  return [
    ...candidates.filter((candidate) => !joined.has(candidate)),
    ...folders.map(({ folder, files }) => folderCandidate(folder, files, prefix)),
  ];
}

function folderCandidate(name: string, files: readonly Candidate[], prefix: string): Candidate {
  return {
    kind: 'directory',
    key: `${prefix}${name}`,
    name,
    objects: files.flatMap(({ objects }) => objects),
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    modifiedAt: new Date(files.reduce((newest, { modifiedAt }) => Math.max(newest, modifiedAt.getTime()), 0)),
    refused: WHAT,
  };
}

interface TabFile {
  /** Empty, or with a trailing slash. */
  readonly folder: string;
  readonly table: string;
  readonly holds: 'definition' | 'rows';
}

const ROWS_FILE = /\.txt(?:\.\w+)?$/;
const TAB_FILE = /^(.*\/)?([^/]+)\.(sql|txt)(?:\.(?:gz|zst|lz4|xz|bz2))?$/;

/** Dated names are excluded: those are dumps of several days with accompanying notes. */
function tabFileOf({ kind, name }: Candidate): TabFile | undefined {
  const [, folder = '', table, ending] = (kind === 'object' && TAB_FILE.exec(name)) || [];
  if (table === undefined || readNameDate(table) !== undefined) return undefined;
  return { folder, table, holds: ending === 'sql' ? 'definition' : 'rows' };
}

/** Tables are pairs of `.sql` and `.txt`; a definition without rows may be a view, and fewer than half of the `.txt` files may be unpaired. */
function isOfTab(filesOfFolder: readonly Candidate[]): boolean {
  const files = filesOfFolder.flatMap((file) => tabFileOf(file) ?? []);
  const definitions = new Set(files.flatMap(({ holds, table }) => (holds === 'definition' ? table : [])));
  const rows = new Set(files.flatMap(({ holds, table }) => (holds === 'rows' ? table : [])));
  const pairCount = [...rows].filter((table) => definitions.has(table)).length;
  return pairCount > 1 && pairCount * 2 > rows.size;
}
