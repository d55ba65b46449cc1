import { basename } from 'node:path/posix';
import { isSideFile, MAX_NAME_LENGTH } from '../selection/side-files.ts';

/** What operating systems and their archivers add by themselves. */
const SYSTEM_FILE = /(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|pax_global_header$)/;
/** Texts for people and programs, which may quote SQL. */
const DOCUMENT =
  /(?:^|\/)(?:README|LICEN[CS]E|NOTICE|CHANGELOG|VERSION|INSTALL|MANIFEST)$|\.(?:md|txt|rst|html?|ya?ml|xml|ini|conf|cfg|toml|env|csv|tsv|sh|ps1|bat|py|rb|pl|php|js|ts|css)$/i;
/** `shop.sql`, `shop.dump.gz`, `shop.sql.gz.age` */
const DUMP = /\.(?:sql|dump|dmp|pgdump|psql|mysql)(?:\.(?:gz|zst|zstd|xz|bz2|lz4|age|gpg|pgp|asc|enc))*$/i;

/** The first bytes that {@link mayBeDump} needs. */
export const SNIFFED_BYTES = 4096;

/**
 * Whether a file in an archive is one of its dumps: by its name, or because it begins neither like a text that is no SQL nor has the name of
 * something that accompanies a dump. Binary content of an unknown kind counts, so that nothing is left out that could be the backup.
 * @param first its first {@link SNIFFED_BYTES}, or all of it.
 */
export function mayBeDump(name: string, first: Buffer): boolean {
  if (isTooLong(name) || SYSTEM_FILE.test(name)) return false;
  if (DUMP.test(name)) return true;
  if (first.length === 0 || isSideFile(name, '', new Set()) || isMedia(first)) return false;
  return !isText(first) || isSql(first.toString('latin1'), DOCUMENT.test(name));
}

/** Whether a text begins like SQL, or has a line of it near its beginning. */
export function beginsLikeSql(first: Buffer): boolean {
  return isText(first) && isSql(first.toString('latin1'), false);
}

/** Whether a name alone makes a file one of the dumps. */
export function isNamedAsDump(name: string): boolean {
  return !isTooLong(name) && !SYSTEM_FILE.test(name) && DUMP.test(name);
}

/** Whether no tool gave such a name: it is hostile, and is not held to any pattern. */
export function isTooLong(name: string): boolean {
  return name.length > MAX_NAME_LENGTH;
}

/** @returns the name without folders that every member of an archive may begin with, and with `/` for Windows’ separator. */
export function normalName(name: string): string {
  return name.replaceAll('\\', '/').replace(/^(?:\.?\/+)+/, '');
}

export function baseName(name: string): string {
  return basename(name);
}

/** The first bytes of pictures, sounds, fonts and documents, which no program here takes for a backup; they accompany the dump of an application. */
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

/** @param isStrict whether its first statement has to be SQL; otherwise a line of it will do, after a program's message. */
function isSql(text: string, isStrict: boolean): boolean {
  const body = text.replace(/^\u00ef\u00bb\u00bf/, '');
  if (!isStrict && ANY_LINE.test(body)) return true;
  if (/^\s*(?:-- |\/\*M?!\d)/.test(body)) return true;
  return FIRST_STATEMENT.test(body.replace(/^(?:\s+|--[^\n]*\n|#[^\n]*\n|\/\*(?!M?!\d)[\s\S]*?\*\/)*/, ''));
}
