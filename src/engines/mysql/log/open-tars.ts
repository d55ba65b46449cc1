import type { DrillError } from '../../../support/errors.ts';
import { formatBytes, formatCount } from '../../../support/quantities.ts';
import { isTarName } from '../../../support/tar-name.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { isLogName, type PlacedFile, readLogName } from './log-names.ts';

export interface OpenedTars {
  readonly archive: LogArchive;
  /** What is wrong with a tar, so that files may be missing. */
  readonly damage: DrillError | undefined;
  /** A tar is longer than what was to be read of it, so that nothing is known of the others. */
  readonly isPart: boolean;
}

interface TarReading {
  readonly signal: AbortSignal;
  /** How much of the unpacked tars is read, of all together. Default: all. */
  readonly mostBytes?: number;
  /** Called with each tar, before it is read. */
  readonly onTar?: ((tar: LogFile) => void) | undefined;
}

/**
 * Finds the logs in the tars of an archive, each of which is read once for that; nothing of them is held.
 * @returns the archive with these files in place of the tars. @throws DrillError what reading the archive throws.
 */
export async function openTars(archive: LogArchive, { signal, mostBytes, onTar }: TarReading): Promise<OpenedTars> {
  const found: (LogFile | Member)[] = [];
  let damage: DrillError | undefined;
  let left = mostBytes;
  for (const file of archive.files) {
    if (!archive.listTar || !isTarName(file.key)) {
      found.push(file);
      continue;
    }
    onTar?.(file);
    const tar = await archive.listTar(file, isLogName, signal, left);
    if (left !== undefined) left -= tar.readBytes;
    if (tar.isPart) return { archive, damage, isPart: true };
    found.push(...membersOf(tar.files));
    damage ??= tar.damage;
  }
  return { archive: { ...archive, files: place(found) }, damage, isPart: false };
}

/** Tars of more, together, take too long to be read before it is known that they are needed … */
const SMALL_BYTES = 32 * 2 ** 20;
/** … and so do more tars, each of which is a request … */
const FEW_TARS = 200;
/** … and those of which there is more, together, once they are unpacked. */
const SMALL_UNPACKED_BYTES = 8 * SMALL_BYTES;

/**
 * Looks at an archive before there is a sandbox, with the logs in its tars where these are small. One with large tars, or one that is damaged, is left to
 * the replay, which knows what of it is needed.
 * @returns why it is left to the replay, for people; undefined: it was looked at, or is damaged.
 */
export async function withSmallTars(
  archive: LogArchive,
  look: (archive: LogArchive) => Promise<void>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const tars = archive.files.filter(({ key }) => isTarName(key));
  const bytes = tars.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const leave = (why: string) => `${archive.description}: ${why}; the logs in them are checked during the restore`;
  if (bytes > SMALL_BYTES) return leave(`its tars have more than ${formatBytes(SMALL_BYTES)} together`);
  if (tars.length > FEW_TARS) return leave(`it has more than ${formatCount(FEW_TARS)} tars`);
  try {
    const opened = await openTars(archive, { signal, mostBytes: SMALL_UNPACKED_BYTES });
    if (opened.isPart) return leave(`its tars unpack to more than ${formatBytes(SMALL_UNPACKED_BYTES)} together`);
    if (!opened.damage) await look(opened.archive);
  } finally {
    archive.release?.();
  }
  return undefined;
}

/**
 * Tars whose logs are packed in another order than that of their numbers: each step back reads one from its beginning again, unless it is stored plain.
 * @param files that recovery reads, in its order. @returns a sentence each, for people.
 */
export function describeRereads(archive: LogArchive, files: readonly { readonly file: LogFile }[]): readonly string[] {
  const places = new Map(archive.files.map((file, place) => [file, place]));
  const stepsBack = new Map<string, number>();
  for (const [index, { file }] of files.entries()) {
    const before = files[index - 1]?.file;
    if (before?.key !== file.key || file.member === undefined || /\.tar$/i.test(file.key)) continue;
    if ((places.get(file) ?? 0) < (places.get(before) ?? 0))
      stepsBack.set(file.key, (stepsBack.get(file.key) ?? 0) + 1);
  }
  return [...stepsBack].map(
    ([key, steps]) =>
      `the logs in ${key} are not packed in the order of their numbers, so each reading of the log decompressed it ${formatCount(steps + 1)} times: pack them with \`tar -c mysql-bin.0*\``,
  );
}

/** A log in a tar. */
interface Member {
  readonly file: LogFile;
  /** As if the tar had been unpacked where it is. */
  readonly path: string;
  /** The same, without the folders that all of the tar's logs are in. */
  readonly short: string;
  /** These folders. */
  readonly shared: string;
}

function membersOf(files: readonly LogFile[]): readonly Member[] {
  const paths = files.map(({ member = '' }) => member.split('/').filter((part) => part !== '' && part !== '.'));
  const folders = paths.map((path) => path.slice(0, -1));
  const [first = []] = folders;
  const differs = first.findIndex((folder, index) => folders.some((other) => other[index] !== folder));
  const shared = differs < 0 ? first.length : differs;
  return files.map((file, index) => {
    const path = paths[index] ?? [];
    const place = file.key.slice(0, file.key.lastIndexOf('/') + 1);
    return {
      file,
      path: place + path.join('/'),
      short: place + path.slice(shared).join('/'),
      shared: path.slice(0, shared).join('/'),
    };
  });
}

/**
 * The folders that all of a tar's logs are in say how it was packed, not which server they are of, unless tars differ in them: then they may be all that
 * tells the logs of two servers apart.
 */
function place(found: readonly (LogFile | Member)[]): readonly PlacedFile[] {
  const groups = Map.groupBy(found.filter(isMember), ({ file, short }) => {
    const name = readLogName({ ...file, path: short });
    return name ? `${name.folder}${name.basename}` : short;
  });
  const apart = new Set([...groups.values()].filter(differ).flat());
  return found.map((one) => {
    if (!isMember(one)) return one;
    return { ...one.file, path: apart.has(one) ? one.path : one.short };
  });
}

function isMember(one: LogFile | Member): one is Member {
  return 'short' in one;
}

function differ(members: readonly Member[]): boolean {
  return members.some(({ shared }) => shared !== members[0]?.shared);
}
