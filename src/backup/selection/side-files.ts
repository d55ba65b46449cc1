import { CHECKSUM_EXTENSIONS, isChecksumList } from '../checksums/checksum-names.ts';

/** Notes of the backup job, and unfinished uploads. */
const BESIDE =
  'json|meta|manifest|log|err|info|nfo|done|ok|lock|tmp|temp|part|partial|filepart|crdownload|download|aria2|inprogress|in-progress|incomplete|uploading|swp';
/** Notes, lists of contents and certificates: only if the file that they describe is next to them. */
const ABOUT = 'txt|metadata|size|status|stdout|stderr|success|completed?|list|toc|pem|crt|cert|bundle';

const ENDING = new RegExp(`\\.(${CHECKSUM_EXTENSIONS}|${BESIDE}|${ABOUT})$`, 'i');
const IS_ABOUT = new RegExp(`^(?:${ABOUT})$`, 'i');
const DASHED = new RegExp(
  `^(.+)[-_](?:${CHECKSUM_EXTENSIONS})(?:\\.txt)?$|^(.+)\\.(?:${CHECKSUM_EXTENSIONS})\\.txt$`,
  'i',
);
/** A signed or encrypted file; a signed or encrypted side file is also a side file. */
const OF_ANOTHER = /^(.+)\.(?:asc|sig|gpg|pgp)$/i;
/** A manifest of `firedrill fingerprint`, compressed or not: never a backup, even if `match` includes it. */
const FINGERPRINT = /\.fingerprint\.json(?:\.\w+)*$/i;
/** May be the backup itself: a dump encrypted for storage ends in `.asc`. A lone `.json` file is never a dump. */
const MAY_STAND_ALONE = /^asc$/i;

/** What desktops and storage devices leave in any folder. */
const SYSTEM_NAME = /(?:^|\/)(?:(?:eh)?thumbs(?:_vista)?\.db|desktop\.ini|icon\r|~\$[^/]*)$/i;
/** Deleted files, thumbnails and indexes, also of network storage by Synology and QNAP. */
const SYSTEM_FOLDER =
  /(?:^|\/)(\$recycle\.bin|recycler|#recycle|@recycle|@recently-snapshot|#snapshot|@eadir|@tmp|system volume information|lost\+found|__macosx)\//i;

/** Longer names are hostile: stores allow 1 KiB, file systems 4 KiB for a whole path. */
export const MAX_NAME_LENGTH = 4096;

/**
 * Whether a file accompanies a backup rather than being one, judged by its name. A name longer than {@link MAX_NAME_LENGTH} is never a backup's.
 * @param match the drill's pattern; a file is not a side file when the pattern names its extension.
 * @param names of all files there, including this one.
 */
export function isSideFile(name: string, match: string, names: ReadonlySet<string>): boolean {
  if (name.length > MAX_NAME_LENGTH) return true;
  for (let signed: string | undefined = name; signed !== undefined; signed = OF_ANOTHER.exec(signed)?.[1])
    if (accompanies(signed, match, names)) return true;
  return false;
}

/**
 * Whether an operating system or a storage device wrote a file, or keeps it after it was deleted: never a backup, unless the pattern names it or its folder.
 * @param name below the source; of a directory, with a slash at its end.
 */
export function isSystemFile(name: string, match: string): boolean {
  const base = SYSTEM_NAME.exec(name)?.[0].replace(/^\//, '');
  const named = base ?? SYSTEM_FOLDER.exec(name)?.[1];
  return named !== undefined && !match.replaceAll('\\', '').toLowerCase().includes(named.toLowerCase());
}

function accompanies(name: string, match: string, names: ReadonlySet<string>): boolean {
  if (FINGERPRINT.test(name)) return true;
  const file = name.slice(name.lastIndexOf('/') + 1);
  if (isChecksumList(file)) return !isAskedFor(file, match);
  const dashed = DASHED.exec(name);
  if (dashed && names.has(dashed[1] ?? dashed[2] ?? '')) return true;
  if (name.endsWith('~')) return true;
  const extension = ENDING.exec(name)?.[1];
  if (extension === undefined || isAskedFor(extension, match)) return false;
  const base = name.slice(0, -extension.length - 1);
  if (names.has(base) || names.has(`${base}/`)) return true;
  return !MAY_STAND_ALONE.test(extension) && !IS_ABOUT.test(extension);
}

/** @param ending taken from an untrusted name. */
function isAskedFor(ending: string, match: string): boolean {
  const escaped = ending.replaceAll(/\W/g, '\\$&');
  return new RegExp(`(?:^|[./])${escaped}(?![a-z0-9])`, 'i').test(match);
}
