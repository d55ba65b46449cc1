/** Short marks in a dump's text that can be recognized by a few bytes. */

/** The first line of mariadb-dump's output: a client command in a comment that servers ignore. */
const SANDBOX_MODE = /^\/\*M?!999999\\-/;

/** Number of bytes that identify a comment. */
const OPENING_BYTES = 12;
/** In bytes: of a longer comment between statements, only this much is read of a line, and nothing of a block. */
export const MAX_NOTE_LENGTH = 1000;

/**
 * Whether the server reads the comment's content, so that the client sees quotes and delimiters in it: `/*!`, MariaDB's `/*M!`, MySQL's hints.
 * @param opening its first bytes.
 */
function isCodeComment(opening: string, hasMariadbComments: boolean): boolean {
  if (SANDBOX_MODE.test(opening)) return false;
  return opening[2] === '!' || (hasMariadbComments ? opening.startsWith('/*M!') : opening[2] === '+');
}

export function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

export function isControlOrSpace(byte: number): boolean {
  return byte <= 32 || byte === 127;
}

/** Whether the byte may be in a client command's name: letters, `_` and `?`. */
export function isWordByte(byte: number): boolean {
  const letter = byte | 32;
  return (letter >= 97 && letter <= 122) || byte === 95 || byte === 63;
}

/** What a dash or a slash in SQL begins. `none`: it is an operator. `code`: a comment that the server reads. `more`: the bytes end too early to tell. */
export function commentAt(
  bytes: Buffer,
  at: number,
  final: boolean,
  hasMariadbComments: boolean,
): 'line' | 'block' | 'code' | 'none' | 'more' {
  const left = bytes.length - at;
  if (bytes[at] === DASH) {
    if (left < 3 && !final) return 'more';
    return bytes[at + 1] === DASH && isControlOrSpace(bytes[at + 2] ?? NEWLINE) ? 'line' : 'none';
  }
  if (left < 2 && !final) return 'more';
  if (bytes[at + 1] !== STAR) return 'none';
  if (left < OPENING_BYTES && !final) return 'more';
  return isCodeComment(bytes.toString('latin1', at, at + OPENING_BYTES), hasMariadbComments) ? 'code' : 'block';
}

/** @returns the rest of a line, and where it ends; undefined if more bytes are needed. */
export function lineFrom(bytes: Buffer, from: number, final: boolean): { text: string; end: number } | undefined {
  const newline = bytes.indexOf(NEWLINE, from);
  if (newline < 0 && !final && bytes.length - from < MAX_LINE_BYTES) return undefined;
  const end = Math.min(newline < 0 ? bytes.length : newline, from + MAX_LINE_BYTES);
  return { text: bytes.toString('latin1', from, end), end };
}

/** @returns 1 for bytes that have a meaning between strings, and where strings begin. */
export function stopBytes(delimiter: Buffer, isMultibyte: boolean): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const isSpecial = `'"\`\\#-/`.includes(String.fromCharCode(byte)) || byte === delimiter[0];
    return isSpecial || (byte >= 128 && isMultibyte) ? 1 : 0;
  });
}

const DASH = 45;
const STAR = 42;
const NEWLINE = 10;
/** Longer lines are not client commands. */
const MAX_LINE_BYTES = 65_536;
