import type { DrillError } from '../../../support/errors.ts';
import { formatBytes, formatCount } from '../../../support/quantities.ts';
import { isTarName } from '../../../support/tar-name.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { isLogName, type PlacedFile, readLogName } from './log-names.ts';

export interface OpenedTars {
  readonly archive: LogArchive;
  /** What is wrong with a tar, so that files may be missing. */
  readonly damage: DrillError | undefined;
  /** Whether a tar is longer than the part that was to be read, so that its remaining files are unknown. */
  readonly isPart: boolean;
}

interface TarReading {
  readonly signal: AbortSignal;
  /** How much of the unpacked tars is read, in bytes, in total. Default: all. */
  readonly mostBytes?: number;
  /** Called with each tar, before it is read. */
  readonly onTar?: ((tar: LogFile) => void) | undefined;
}

/**
 * Finds the logs in the tars of an archive. Each tar is read once for that, and none of it stays in memory.
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

/** Tars that are larger in total take too long to read before it is known whether they are needed … */
const SMALL_BYTES = 32 * 2 ** 20;
/** … and so do more tars than this, at one request each … */
const FEW_TARS = 200;
/** … or more data than this in total, once unpacked. */
const SMALL_UNPACKED_BYTES = 8 * SMALL_BYTES;

/**
 * Inspects an archive before a sandbox exists, including the logs in its tars if these are small. An archive that has large tars or is damaged is left to the
 * replay, which knows which parts are needed.
 * @returns a human-readable reason why it is left to the replay; undefined: it was inspected, or is damaged.
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
 * Finds tars whose logs are not packed in the order of their numbers: each step back reads a tar from the beginning again, unless it is uncompressed.
 * @param files that recovery reads, in its order. @returns one human-readable sentence per tar.
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
  /** As if the tar had been unpacked in place. */
  readonly path: string;
  /** The same, without the folders that all logs in the tar share. */
  readonly short: string;
  /** Those folders. */
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
 * Folders that all logs of a tar share show how it was packed, not which server the logs belong to, unless they differ between tars: then they may be all that
 * distinguishes the logs of two servers.
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
