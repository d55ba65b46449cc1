/** Small marks in a dump's text that a few bytes identify. */

/** The first line of mariadb-dump's output: a client command in a comment that no server reads. */
const SANDBOX_MODE = /^\/\*M?!999999\\-/;

/** How many bytes of a comment identify it. */
export const OPENING_BYTES = 12;
/** In bytes: of a longer comment between statements, only this much of a line is read, and nothing of a block. */
export const LONGEST_NOTE = 1000;

/**
 * Whether the server reads the comment's content, so that the client sees quotes and delimiters in it: `/*!`, MariaDB's `/*M!`, MySQL's hints.
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

/** Whether the byte may be in a client command's name: letters, `_` and `?`. */
export function isWordByte(byte: number): boolean {
  const letter = byte | 32;
  return (letter >= 97 && letter <= 122) || byte === 95 || byte === 63;
}
