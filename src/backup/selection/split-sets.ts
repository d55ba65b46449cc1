import type { StoredObject } from '../source.ts';
import { comparePartNumbers, firstLike, isFirst, type PartStyle, styleOf, successorsOf } from './part-numbers.ts';

/** A split file, as the parts that are stored. */
export interface SplitSet {
  /** The common prefix of the parts' keys, followed by `*`: `orders.sql.gz.part*`. */
  readonly key: string;
  /** The key of the original file: `orders.sql.gz`. */
  readonly wholeKey: string;
  /** In the order in which they must be joined. */
  readonly parts: readonly StoredObject[];
  /** The first missing part, if a later one proves that it is missing. A missing last part cannot be detected here. */
  readonly lacks?: string;
  /** Why the names do not prove that it was split: several backups could have such names. Only the content can tell. */
  readonly doubt?: SplitDoubt;
}

/** `numbered`: `orders.dump.01`; `lettered`: `orders-aa`; `zip`: `orders.z01` next to an `orders.zip`, which may be complete by itself. */
export type SplitDoubt = 'numbered' | 'lettered' | 'zip';

/** Findings from the content of doubtful sets, by the key of their first file. */
export type SplitReadings = ReadonlyMap<string, 'parts' | 'copies'>;

/** `orders.sql.gz.partaa`, `orders.dump.part01`, `orders-part-3`, `orders.sql.part0a` */
const NAMED = /^(.+?)([-_.]?part[-_.]?)([a-z]{2,3}|z[a-z]{3,5}|\d{1,4}|\d{6}|[\da-f]{2,4})$/i;
/** `orders.sql.gz.aa`, `orders.dump.001`. Numbered copies look the same. */
const NUMBERED =
  /^(.+\.(?:sql|dump|tar|gz|tgz|zst|xz|bz2|lz4|7z|zip|enc|gpg|pgp|age))(\.?)([a-z]{2,3}|z[a-z]{3,5}|\d{2,4}|\d{6})$/i;
/** `xaa`, `orders-aa`: what split(1) creates without and with a prefix. */
const LETTERED = /^((?:.*\/)?x|.*[^A-Za-z])()([a-z]{2,3}|z[a-z]{3,5})$/;
/** Extensions that are also valid split(1) suffixes; treated as part letters only if the preceding ones exist. */
const ENDING = /^(?:gz|xz|bz|lz|br|7z|bak|old|new|tmp|log|sql|dmp|tar|tgz|zip|zst|age|gpg|pgp|asc|enc|sig|md|db)$/;
/** `orders.z01`, and `orders.zip` for the last. Source: PKWARE's APPNOTE.TXT, 8.3. */
const ZIPPED = /^(.+)(\.z)(\d{2,3})$/i;

interface Part {
  readonly object: StoredObject;
  readonly suffix: string;
}

interface Group {
  readonly kind: 'named' | 'numbered' | 'lettered' | 'zipped';
  readonly key: string;
  readonly wholeKey: string;
  readonly parts: Part[];
}

/**
 * Finds the parts that split(1), `zip -s`, 7-Zip and the like made of one file. Names decide; where copies could have the same names (`.001`, `.002`), sizes
 * do: all parts but the last have the same size. Even then they may be copies, see {@link SplitSet.doubt}.
 * @param readings earlier findings; proven copies are skipped.
 */
export function findSplitSets(files: readonly StoredObject[], readings: SplitReadings = new Map()): SplitSet[] {
  const taken = new Set<StoredObject>();
  const sets: SplitSet[] = [];
  for (const group of groupsOf(files)) {
    if (group.parts.some(({ object }) => taken.has(object))) continue;
    const set = setOf(group, files);
    if (!set || readings.get(set.parts[0]?.key ?? '') === 'copies') continue;
    sets.push(set);
    for (const part of set.parts) taken.add(part);
  }
  return sets;
}

function groupsOf(files: readonly StoredObject[]): Group[] {
  const kinds = [
    ['zipped', ZIPPED],
    ['named', NAMED],
    ['numbered', NUMBERED],
    ['lettered', LETTERED],
  ] as const;
  return kinds.flatMap(([kind, pattern]) => {
    const groups = new Map<string, Group>();
    for (const object of files) {
      const [, stem = '', between = '', suffix = ''] = pattern.exec(object.key) ?? [];
      if (suffix === '') continue;
      const key = `${stem}${between}`;
      const id = `${key}\n${familyOf(suffix)}`;
      const group = groups.get(id) ?? { kind, key: `${key}*`, wholeKey: wholeKeyOf(kind, stem), parts: [] };
      group.parts.push({ object, suffix: suffix.toLowerCase() });
      groups.set(id, group);
    }
    return [...groups.values()];
  });
}

/** Letter suffixes in a set all have the same length, or grow from two letters. */
function familyOf(suffix: string): string {
  if (!/^[a-z]+$/i.test(suffix)) return '';
  return suffix.length === 3 ? 'three' : 'two';
}

function wholeKeyOf(kind: Group['kind'], stem: string): string {
  return kind === 'zipped' ? `${stem}.zip` : stem.replace(/[-_.]$/, '');
}

function setOf(group: Group, files: readonly StoredObject[]): SplitSet | undefined {
  const style = styleOf(group.parts.map(({ suffix }) => suffix));
  if (!style) return undefined;
  const sorted = group.parts.toSorted((a, b) => comparePartNumbers(style, a.suffix, b.suffix));
  const isLoose = style === 'letters' && (group.kind === 'numbered' || group.kind === 'lettered');
  const parts = isLoose ? leadingRun(sorted) : sorted;
  const last = group.kind === 'zipped' ? files.find(({ key }) => key === group.wholeKey) : undefined;
  const [first] = parts;
  if (!first || !isSet(group.kind, style, parts)) return undefined;
  const stem = first.object.key.slice(0, -first.suffix.length);
  const gap = findGap(style, parts, group.kind === 'zipped');
  const lacks = gap === undefined ? findEmpty(parts) : `${stem}${gap}`;
  const whole = group.kind === 'zipped' && !last ? group.wholeKey : undefined;
  const doubt = doubtOf(group.kind, style, last !== undefined);
  return {
    key: group.key,
    wholeKey: group.wholeKey,
    parts: [...parts.map(({ object }) => object), ...(last ? [last] : [])],
    ...((lacks ?? whole) === undefined ? {} : { lacks: lacks ?? whole ?? '' }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

function doubtOf(kind: Group['kind'], style: PartStyle, hasZip: boolean): SplitDoubt | undefined {
  if (kind === 'named') return undefined;
  if (kind === 'zipped') return hasZip ? 'zip' : undefined;
  return style === 'letters' ? 'lettered' : 'numbered';
}

/** The parts before the first unrelated suffix: an extension, or one that skips more suffixes than there are parts before it (`aa`, `ab`, `de`). */
function leadingRun(parts: readonly Part[]): Part[] {
  const run: Part[] = [];
  for (const part of parts) {
    const before = run.at(-1)?.suffix;
    const isNext = before === undefined || successorsOf('letters', before).includes(part.suffix);
    if (!isNext && (ENDING.test(part.suffix) || rankOf(part.suffix) - rankOf(before) > run.length + 1)) break;
    run.push(part);
  }
  return run;
}

function rankOf(letters: string): number {
  return [...letters].reduce((rank, letter) => rank * 26 + letter.charCodeAt(0) - 97, 0);
}

function isSet(kind: Group['kind'], style: PartStyle, parts: readonly Part[]): boolean {
  const [first, second] = parts;
  if (!first) return false;
  const hasFirst = isFirst(style, first.suffix);
  if (kind === 'zipped') return true;
  if (kind === 'named') return parts.length > 1 ? hasFirst || !isWord(parts) : !hasFirst && !isWord(parts);
  if (!second) return false;
  if (kind === 'lettered') return hasFirst && successorsOf(style, first.suffix).includes(second.suffix);
  if (style === 'letters') return parts.every(({ suffix }) => hasFirst || suffix.startsWith('a'));
  return (hasFirst || parts.length > 2) && areCut(parts);
}

/** `partial`, `partner`: letters that are not part numbers. Without a first part, only the next few suffixes count as numbers. */
function isWord(parts: readonly Part[]): boolean {
  return parts.some(({ suffix }) => /^[a-z]+$/.test(suffix) && !/^a/.test(suffix));
}

/** Whether the sizes are those of a split file: all equal except the last, which is the remainder, or a few bytes larger (`split -n`). */
function areCut(parts: readonly Part[]): boolean {
  const sizes = parts.map(({ object }) => object.sizeBytes);
  const [size = 0] = sizes;
  const last = sizes.pop() ?? 0;
  if (!sizes.every((each) => each === size)) return false;
  if (last === size) return size > 0 && (size % 1000 === 0 || size % 1024 === 0);
  return last < size + parts.length;
}

function findGap(style: PartStyle, parts: readonly Part[], isFromOne: boolean): string | undefined {
  const [first] = parts;
  if (!first) return undefined;
  if (!isFirst(style, first.suffix) || (isFromOne && Number(first.suffix) === 0)) return firstLike(style, first.suffix);
  for (const [index, { suffix }] of parts.entries()) {
    const next = parts[index + 1]?.suffix;
    const successors = successorsOf(style, suffix);
    if (next !== undefined && !successors.includes(next)) return successors[0];
  }
  return undefined;
}

/** An empty part failed to be written, or is still being written. */
function findEmpty(parts: readonly Part[]): string | undefined {
  return parts.find(({ object }) => object.sizeBytes === 0)?.object.key;
}

/** Whether a key has the suffix of a split file's first part. */
export function isFirstPart(key: string): boolean {
  const suffix = /(?:[a-z]{2,6}|\d{1,6})$/i.exec(key)?.[0].toLowerCase() ?? '';
  return /^\d/.test(suffix) ? isFirst('digits', suffix) : /aa$/.test(suffix);
}
