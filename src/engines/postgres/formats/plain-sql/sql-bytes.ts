const IDENTIFIER_START = 1;
const IDENTIFIER_PART = 2;
const WHITESPACE = 4;

/** The classes of each byte. Bytes from 0x80 on are parts of letters, in every encoding that a server can have. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95 || byte >= 128;
  const digitOrDollar = (byte >= 48 && byte <= 57) || byte === 36;
  const space = byte === 32 || (byte >= 9 && byte <= 13);
  return (
    (letter ? IDENTIFIER_START | IDENTIFIER_PART : 0) | (digitOrDollar ? IDENTIFIER_PART : 0) | (space ? WHITESPACE : 0)
  );
});

export function isIdentifierStart(byte: number): boolean {
  return ((CLASSES[byte] as number) & IDENTIFIER_START) !== 0;
}

export function isIdentifierByte(byte: number): boolean {
  return ((CLASSES[byte] as number) & IDENTIFIER_PART) !== 0;
}

export function isWhitespace(byte: number): boolean {
  return ((CLASSES[byte] as number) & WHITESPACE) !== 0;
}

/** A comment or meta-command ends at a line feed or a carriage return. */
export const NewlineSearch = {
  from(bytes: Buffer, at: number): number | undefined {
    for (let index = at; index < bytes.length; index += 1) if (bytes[index] === 10 || bytes[index] === 13) return index;
    return undefined;
  },
};
