import type { CopyDescription } from './describe-copy.ts';

/** For rows that only a comparison with the source can distinguish. */
export const FINGERPRINT_ADVICE = '- { name: every row is as it was dumped, fingerprint: {} }';

/** For files that only a list of their hashes can distinguish. */
const FILES_ADVICE = '- { name: every file is as it was backed up, files: { manifest: SHA256SUMS } }';

/** A sequence that was set back returns numbers that are already in its column. */
const SEQUENCE_ADVICE = '- { name: sequences are ahead of their columns, integrity: [sequences] }';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Older data says nothing about the backup's age. */
const MAX_AGE_MS = 14 * DAY_MS;
const WITHIN: readonly (readonly [text: string, ms: number])[] = [
  ...[5, 15, 30].map((count) => [`${count}m`, count * MINUTE_MS] as const),
  ...[1, 2, 3, 6, 12, 18, 36].map((count) => [`${count}h`, count * HOUR_MS] as const),
  ...[2, 3, 5, 7, 10, 14, 21].map((count) => [`${count}d`, count * DAY_MS] as const),
];

/**
 * The simplest check that distinguishes a copy from the restored undamaged backup, as YAML to paste.
 * @returns undefined when the two are equal, so that no check can.
 */
export function adviseOn(
  copy: CopyDescription,
  undamaged: CopyDescription,
  { takenAt, mayBeStale }: { readonly takenAt: Date; readonly mayBeStale: boolean },
): string | undefined {
  if (copy.files !== undamaged.files) return FILES_ADVICE;
  const rows = new Map(copy.tables.map((table) => [table.name, table.rows]));
  const emptied = undamaged.tables.find(({ name, rows: before }) => before !== '0' && (rows.get(name) ?? '0') === '0');
  if (emptied) {
    return `- { name: ${quote(`${emptied.name} holds its rows`)}, tables: [${quote(emptied.name)}] }`;
  }
  const fresh = mayBeStale ? adviseFreshness(copy, undamaged, takenAt) : undefined;
  if (fresh !== undefined) return fresh;
  if (!hasSameRows(copy, undamaged)) return FINGERPRINT_ADVICE;
  if (copy.schema !== undamaged.schema) return '- { name: the schema is unchanged, schema: locked }';
  return copy.sequences === undamaged.sequences ? undefined : SEQUENCE_ADVICE;
}

/** A column whose newest value is close to the backup in the undamaged copy, and further from it in this copy. */
function adviseFreshness(copy: CopyDescription, undamaged: CopyDescription, takenAt: Date): string | undefined {
  const found = [...undamaged.newest]
    .toSorted(([, a], [, b]) => b - a)
    .flatMap(([column, newestMs]) => {
      const ageMs = Math.max(0, takenAt.getTime() - newestMs);
      const copyMs = copy.newest.get(column);
      if (copyMs === undefined || ageMs > MAX_AGE_MS) return [];
      const copyAgeMs = takenAt.getTime() - copyMs;
      // as long as possible, so that a quiet night does not fail
      const within = WITHIN.findLast(([, ms]) => ms >= ageMs * 1.25 && ms <= copyAgeMs * 0.8);
      return within ? [{ column, within: within[0] }] : [];
    });
  const [first] = found;
  if (!first) return undefined;
  return `- { name: ${quote(`${first.column} is fresh`)}, freshness: ${quote(first.column)}, within: ${first.within} }`;
}

function hasSameRows(copy: CopyDescription, undamaged: CopyDescription): boolean {
  const key = ({ tables }: CopyDescription) =>
    JSON.stringify(tables.map(({ name, columns, rows, hash }) => [name, columns, rows, hash]).toSorted());
  return key(copy) === key(undamaged);
}

/** Quoted for a YAML flow mapping. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
