import { formatCount } from '../../support/quantities.ts';

/** How much of the head is sampled. */
const SAMPLE_BYTES = 4096;

/** @returns `UTF-16` or `UTF-32` for text in these encodings, with or without a byte order mark; undefined for anything else. */
export function wideEncodingOf(head: Buffer): 'UTF-16' | 'UTF-32' | undefined {
  const mark = head.toString('hex', 0, 4);
  if (mark === 'fffe0000' || mark === '0000feff') return 'UTF-32';
  if (mark.startsWith('fffe') || mark.startsWith('feff')) return 'UTF-16';
  const sample = head.subarray(0, SAMPLE_BYTES - (SAMPLE_BYTES % 2));
  const pairs = Math.floor(sample.length / 2);
  if (pairs < 8) return undefined;
  const zeros = [0, 0];
  let printable = 0;
  for (let at = 0; at < pairs * 2; at += 1) {
    const byte = sample[at] ?? 0;
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
    else if (byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127)) printable += 1;
  }
  // dumps start with ASCII comments: in nearly every pair, one byte is zero, always at the same position, and the other one is text
  const [most = 0, least = 0] = zeros.sort((a, b) => b - a);
  return most >= pairs * 0.9 && least === 0 && printable >= pairs * 0.9 ? 'UTF-16' : undefined;
}

/** @returns the position of the first zero byte in what otherwise looks like the start of SQL text; undefined if the sample has none, or is not text. */
export function zeroByteInText(head: Buffer): string | undefined {
  const at = head.subarray(0, SAMPLE_BYTES).indexOf(0);
  if (at < 16) return undefined;
  const before = head.toString('latin1', 0, at);
  return /^(?:\u00ef\u00bb\u00bf)?\s*(?:--|\/\*|SET |CREATE |DROP |BEGIN)[\t\n\r -\u00ff]*$/.test(before)
    ? formatCount(at)
    : undefined;
}

/** What backups start with, so that random letters and digits do not match: an archive of pg_dump, gzip, zstd, xz, bzip2, zip; SQL. */
const INSIDE: readonly (readonly [what: string, magic: RegExp])[] = [
  ['a pg_dump archive', /^5047444d50/],
  ['gzip data', /^1f8b08/],
  ['zstd data', /^28b52ffd/],
  ['xz data', /^fd377a585a00/],
  ['bzip2 data', /^425a68/],
  ['a zip archive', /^504b0304/],
  ['SQL', /^(?:2d2d|2f2a|534554|435245415445)/],
];

/** @returns what begins on a line of its own after lines of text, such as the greeting of a login shell, and the first of these lines; undefined for anything else. */
export function afterText(head: Buffer): { readonly what: string; readonly line: string } | undefined {
  const sample = head.toString('latin1', 0, SAMPLE_BYTES);
  const text = /^(?:[\t -~\x80-\xff]*\r?\n)+/.exec(sample)?.[0] ?? '';
  if (text.length < 2) return undefined;
  const hex = head.toString('hex', text.length, text.length + 16);
  const what = INSIDE.find(([, magic]) => magic.test(hex))?.[0];
  return what === undefined || what === 'SQL' ? undefined : { what, line: text.split(/\r?\n/, 1)[0] ?? '' };
}

/** @returns what base64 text (RFC 4648, section 4, with or without line breaks) contains; undefined for anything else. */
export function insideBase64(head: Buffer): string | undefined {
  const sample = head.toString('latin1', 0, SAMPLE_BYTES);
  if (!/^[\w+/]{60,}(?:[\r\n]+[\w+/]+)*={0,2}[\r\n]*$/.test(sample)) return undefined;
  const hex = Buffer.from(sample, 'base64').toString('hex', 0, 16);
  return INSIDE.find(([, magic]) => magic.test(hex))?.[0];
}
