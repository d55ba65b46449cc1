import { DrillError } from '../../support/errors.ts';
import { formatCount } from '../../support/quantities.ts';
import type { Candidate } from './candidates.ts';
import { readNameDate } from './taken-at-in-name.ts';

/** `orders.sql.gz.partaa`, `orders.dump.part01`, `orders-part-3` */
const NAMED_PART = /^(.+?[-_.]?part[-_.]?)(?:[a-z]{2,3}|\d{1,4})$/i;
/** `orders.sql.gz.aa`, `orders.dump.001`, `orders.zip.z01`. Numbered copies look the same, so the sizes decide. */
const NUMBERED_PART =
  /^(.+\.(?:sql|dump|tar|gz|tgz|zst|xz|bz2|lz4|7z|zip|rar|enc|gpg|age)\.?)(?:[a-z]{2}|\d{2,3}|[zr]\d\d)$/i;
/** Where the numbering starts; without it, `orders.sql.gz` beside `orders.sql.xz` would look like two parts. */
const FIRST_NUMBER = /(?:aa|0+1?|[zr]0[01])$/i;

/**
 * Rejects a file that is only a part of a backup, judged by the files beside it.
 * @param all every candidate, matching or not.
 * @throws DrillError `format-unsupported` for a piece of a split file, and for a file of `mysqldump --tab`.
 */
export function refusePart(candidate: Candidate, all: readonly Candidate[]): void {
  if (candidate.kind === 'directory') return;
  const parts = partsBeside(candidate.name, all);
  if (parts > 1) {
    throw new DrillError(
      'format-unsupported',
      `${candidate.name} is one of ${formatCount(parts)} parts of a file that was split`,
      {
        hint: 'Let the backup job store the file as a whole, or join the parts with `cat` in their order and drill the result.',
      },
    );
  }
  if (isOfTab(candidate.name, all)) {
    throw new DrillError(
      'format-unsupported',
      `${candidate.name} is one file of a dump by \`mysqldump --tab\`, which holds definitions and rows of each table apart`,
      { hint: 'Dump without `--tab`, into one file, so that the rows are INSERT statements.' },
    );
  }
}

/** @returns the number of files whose names differ only in the part number; 0 when the name has none. */
function partsBeside(name: string, all: readonly Candidate[]): number {
  const named = NAMED_PART.exec(name)?.[1];
  const stem = named ?? NUMBERED_PART.exec(name)?.[1];
  if (stem === undefined) return 0;
  const pattern = named === undefined ? NUMBERED_PART : NAMED_PART;
  const parts = all
    .filter((other) => other.name.startsWith(stem) && pattern.exec(other.name)?.[1] === stem && other.kind === 'object')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (named !== undefined) return parts.length;
  if (!FIRST_NUMBER.test(parts[0]?.name ?? '')) return 0;
  // split(1) makes all parts the same size, except for a smaller last one
  const sizes = parts.map(({ sizeBytes }) => sizeBytes);
  const [first = 0] = sizes;
  const last = sizes.pop() ?? 0;
  return last < first && sizes.every((size) => size === first) ? parts.length : 0;
}

const TAB_FILE = /^(.*\/)?([^/]+)\.(sql|txt)(?:\.(?:gz|zst|lz4|xz|bz2))?$/;

/**
 * Tables are pairs of `.sql` and `.txt`; a definition without rows may be a view's, and fewer than half of the `.txt` files may be unpaired.
 * Dated names are excluded: they are dumps of several days with notes beside them.
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
