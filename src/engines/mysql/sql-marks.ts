/** Small signs in a dump's text, told by a few bytes. */

/** What mariadb-dump begins with: a command to the client in a comment that no server reads. */
const SANDBOX_MODE = /^\/\*M?!999999\\-/;

/** How many bytes of a comment tell what it is. */
export const OPENING_BYTES = 12;
/** In bytes: of longer comments between statements only so much of a line is looked at, and nothing of a block. */
export const LONGEST_NOTE = 1000;

/**
 * Whether the server reads what is in a comment, so that the client sees quotes and delimiters there: `/*!`, MariaDB's `/*M!`, MySQL's hints.
 * @param opening its first bytes.
 */
export function isCodeComment(opening: string, hasMariadbComments: boolean): boolean {
  if (SANDBOX_MODE.test(opening)) return false;
  return opening[2] === '!' || (hasMariadbComments ? opening.startsWith('/*M!') : opening[2] === '+');
}

export function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

export function isControlOrSpace(byte: number): boolean {
  return byte <= 32 || byte === 127;
}

/** Of a client command's name: letters, `_` and `?`. */
export function isWordByte(byte: number): boolean {
  const letter = byte | 32;
  return (letter >= 97 && letter <= 122) || byte === 95 || byte === 63;
}
