import { basename } from 'node:path/posix';
import picomatch from 'picomatch';
import { isSideFile, MAX_NAME_LENGTH } from '../selection/side-files.ts';

/** Files that operating systems and their archivers add on their own. */
const SYSTEM_FILE = /(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|pax_global_header$)/;
/** Documentation, configuration and scripts, which may quote SQL. */
const DOCUMENT =
  /(?:^|\/)(?:README|LICEN[CS]E|NOTICE|CHANGELOG|VERSION|INSTALL|MANIFEST)$|\.(?:md|txt|rst|html?|ya?ml|xml|ini|conf|cfg|toml|env|csv|tsv|sh|ps1|bat|py|rb|pl|php|js|ts|css)$/i;
/** `shop.sql`, `shop.dump.gz`, `shop.sql.gz.age` */
const DUMP = /\.(?:sql|dump|dmp|pgdump|psql|mysql)(?:\.(?:gz|zst|zstd|xz|bz2|lz4|age|gpg|pgp|asc|enc))*$/i;

/** How many leading bytes {@link mayBeDump} needs. */
export const SNIFFED_BYTES = 4096;

/**
 * Whether a file in an archive may be a dump: by its name, or because it is neither non-SQL text nor named like a file that accompanies a dump. Unknown binary
 * content counts, so that nothing that could be the backup is left out.
 * @param first its first {@link SNIFFED_BYTES}, or all of it.
 */
export function mayBeDump(name: string, first: Buffer): boolean {
  if (isTooLong(name) || SYSTEM_FILE.test(name)) return false;
  if (DUMP.test(name)) return true;
  if (first.length === 0 || isSideFile(name, '', new Set()) || isMedia(first)) return false;
  return !isText(first) || isSql(first.toString('latin1'), DOCUMENT.test(name));
}

/** Whether the text starts like SQL, or contains a line of SQL near its start. */
export function beginsLikeSql(first: Buffer): boolean {
  return isText(first) && isSql(first.toString('latin1'), false);
}

/** Whether the name alone marks a file as a dump. */
export function isNamedAsDump(name: string): boolean {
  return !isTooLong(name) && !SYSTEM_FILE.test(name) && DUMP.test(name);
}

/** Whether a file in an archive may be one of its dumps, judging by the name alone: it is named like one, or has no ending. */
export function mayBeNamedAsDump(name: string): boolean {
  if (isTooLong(name) || SYSTEM_FILE.test(name)) return false;
  return DUMP.test(name) || (!baseName(name).includes('.') && !DOCUMENT.test(name));
}

/** Whether the name is too long to come from any tool. Such a name is hostile and is not matched against patterns. */
function isTooLong(name: string): boolean {
  return name.length > MAX_NAME_LENGTH;
}

/** @returns the name without a leading `/` or `./`, and with Windows’ separator replaced by `/`. */
export function normalName(name: string): string {
  return name.replaceAll('\\', '/').replace(/^(?:\.?\/+)+/, '');
}

export function baseName(name: string): string {
  return basename(name);
}

/** Magic bytes of images, audio, fonts and documents, which accompany the dump of an application and are never a backup themselves. */
const MEDIA: readonly RegExp[] = [
  /^(?:89504e470d0a|ffd8ff|474946383[79]61|255044462d)/, // PNG, JPEG, GIF, PDF
  /^(?:52494646|494433|4f676753|.{8}66747970)/, // RIFF (WebP, WAV, AVI), MP3, Ogg, MP4
  /^(?:774f4646|774f4632|4f54544f|0001000000|00000100)/, // WOFF, OpenType, TrueType, ICO
  /^23207632206769742062756e646c65/, // a bundle of git
];

function isMedia(first: Buffer): boolean {
  const hex = first.toString('hex', 0, 32);
  return MEDIA.some((magic) => magic.test(hex));
}

function isText(first: Buffer): boolean {
  return !first.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
}

const KEYWORD =
  'SET|CREATE|ALTER|DROP|COPY|INSERT|REPLACE|BEGIN|START|SELECT|COMMENT|GRANT|REVOKE|DO|USE|LOCK|DELIMITER|PRAGMA';
const FIRST_STATEMENT = new RegExp(`^(?:\\/\\*M?!\\d|\\\\(?:connect|restrict)\\b|(?:${KEYWORD})\\b)`, 'i');
const ANY_LINE = new RegExp(`^(?:-- |/\\*M?!\\d|-----BEGIN |(?:${KEYWORD}) )`, 'm');

/** @param isStrict whether the text must start with an SQL statement; otherwise any line of SQL will do, for example after a program's message. */
function isSql(text: string, isStrict: boolean): boolean {
  const body = text.replace(/^\u00ef\u00bb\u00bf/, '');
  if (!isStrict && ANY_LINE.test(body)) return true;
  if (/^\s*(?:-- |\/\*M?!\d)/.test(body)) return true;
  return FIRST_STATEMENT.test(body.replace(/^(?:\s+|--[^\n]*\n|#[^\n]*\n|\/\*(?!M?!\d)[\s\S]*?\*\/)*/, ''));
}

/** A pattern without `/` matches the file name in any folder. */
export function memberMatcher(pattern: string): (name: string) => boolean {
  const isMatch = picomatch(normalName(pattern), { basename: !pattern.includes('/') });
  return (name) => !isTooLong(name) && isMatch(name);
}
