/** The algorithms of checksum files that are compared, by the number of hex digits of a checksum. */
const BY_LENGTH: Readonly<Record<number, ChecksumAlgorithm>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
};
/** A path of 4 KiB, with every character escaped, after the longest checksum. Longer lines are hostile. */
const MAX_LINE_LENGTH = 8500;

const TAGGED = /^(\\?)([A-Za-z][A-Za-z\d/-]*) ?\((.+)\) ?= ?([\da-f]+)$/is;
const TABLE = /^()([A-Za-z][A-Za-z\d]*)[ \t]+([\da-f]{32,})[ \t]+(.+)$/is;
const PLAIN = /^(\\?)([\da-f]{32,})[ \t]+\*?(.+)$/is;
const BARE = /^[\da-f]{32,}$/i;

export type ChecksumAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** One line of a checksum file. */
export interface ListedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In lower case. */
  readonly digest: string;
  /** As listed, untrusted; undefined: the line is the checksum alone. */
  readonly path: string | undefined;
}

/**
 * Reads checksums as `sha256sum` and its like write them (`HEX  name`, `HEX *name`, `\` before a line whose name has escapes), BSD's and OpenSSL's
 * `SHA256 (name) = HEX`, PowerShell's `SHA256  HEX  path`, and bare checksums. Other lines are skipped: comments, headings, what `certutil` says around a
 * checksum, and checksums of algorithms that are not supported.
 * @returns undefined when no line is a checksum.
 */
export function parseChecksums(content: Buffer): readonly ListedChecksum[] | undefined {
  const lines = decode(content).split(/\r\n|[\r\n]/);
  const found = lines.flatMap((line) => (line.length > MAX_LINE_LENGTH ? [] : (parseLine(line.trim()) ?? [])));
  return found.length === 0 ? undefined : found;
}

/** PowerShell 5 writes UTF-16. */
function decode(content: Buffer): string {
  const isUtf16 = content.length > 1 && content.readUInt16LE(0) === 0xfeff;
  return (isUtf16 ? content.toString('utf16le') : content.toString('utf8')).replace(/^\ufeff/, '');
}

function parseLine(line: string): ListedChecksum | undefined {
  if (BARE.test(line)) return toListed(undefined, line, undefined);
  const tagged = TAGGED.exec(line);
  if (tagged) return toListed(tagged[2], tagged[4], withoutEscapes(tagged[3], tagged[1]));
  const plain = PLAIN.exec(line);
  if (plain) return toListed(undefined, plain[2], withoutEscapes(plain[3], plain[1]));
  const row = TABLE.exec(line);
  return row ? toListed(row[2], row[3], row[4]) : undefined;
}

/** @param tag names the algorithm: `SHA256`, OpenSSL 3's `SHA2-256`; undefined: the length does. */
function toListed(tag: string | undefined, digest = '', path: string | undefined): ListedChecksum | undefined {
  const algorithm = BY_LENGTH[digest.length];
  if (!algorithm) return undefined;
  const isOther = tag !== undefined && tag.toLowerCase().replace(/^sha2?-/, 'sha') !== algorithm;
  return isOther ? undefined : { algorithm, digest: digest.toLowerCase(), path };
}

function withoutEscapes(path = '', mark = ''): string {
  if (mark === '') return path;
  return path.replace(/\\([\\nr])/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? '\\');
}
