import { DrillError } from '../../support/errors.ts';
import type { Candidate } from './candidates.ts';
import { readNameDate } from './taken-at-in-name.ts';

/**
 * Rejects a file that is only one part of a `mysqldump --tab` dump, judged by the files next to it.
 * @param all every candidate, matching or not.
 * @throws DrillError `format-unsupported`.
 */
export function refuseTabFile(candidate: Candidate, all: readonly Candidate[]): void {
  if (candidate.kind === 'directory' || !isOfTab(candidate.name, all)) return;
  throw new DrillError(
    'format-unsupported',
    `${candidate.name} is one file of a dump by \`mysqldump --tab\`, which stores the definition and the rows of each table in separate files`,
    { hint: 'Dump without `--tab`, into one file, so that the rows are INSERT statements.' },
  );
}

const TAB_FILE = /^(.*\/)?([^/]+)\.(sql|txt)(?:\.(?:gz|zst|lz4|xz|bz2))?$/;

/**
 * Tables are pairs of `.sql` and `.txt`; a definition without rows may be a view, and fewer than half of the `.txt` files may be unpaired. Dated names are
 * excluded: those are dumps of several days with accompanying notes.
 */
function isOfTab(name: string, all: readonly Candidate[]): boolean {
  const own = TAB_FILE.exec(name);
  if (!own) return false;
  const stems = { sql: new Set<string>(), txt: new Set<string>() };
  for (const other of all) {
    const [, folder, stem = '', ending = ''] = TAB_FILE.exec(other.name) ?? [];
    if (stem !== '' && folder === own[1]) stems[ending === 'sql' ? 'sql' : 'txt'].add(stem);
  }
  const rows = [...stems.txt];
  const pairs = rows.filter((stem) => stems.sql.has(stem));
  const isDated = [own[2] ?? '', ...rows].some((stem) => readNameDate(stem) !== undefined);
  return !isDated && pairs.length > 1 && pairs.length * 2 > rows.length;
}
