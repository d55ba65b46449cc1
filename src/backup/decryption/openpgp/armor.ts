import { corrupt, truncated } from '../../compression/damage.ts';
import { Base64Decoder } from '../base64.ts';

const BEGIN = '-----BEGIN PGP MESSAGE-----';
const END = '-----END PGP MESSAGE-----';
/** `Version: …`, `Comment: …` and the like. */
const MAX_HEADER_LENGTH = 2 ** 14;
/** The checksum, the last line, and trailing white space. */
const MAX_END_LENGTH = 4096;
const ARMORED = 'armored OpenPGP';

export function isArmored(first: Buffer): boolean {
  return first.toString('latin1', 0, BEGIN.length) === BEGIN;
}

/**
 * Decodes ASCII armor (RFC 9580, section 6.2), one chunk at a time. The armor's checksum is not verified, because the payload is authenticated. Throws
 * `backup-truncated` when the last line is missing, `backup-corrupt` for anything that is not base64.
 */
export async function* removeArmor(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new Base64Decoder();
  let offset = 0;
  let text = '';
  let isLineStart = true;
  let part: 'header' | 'base64' | 'end' = 'header';
  for await (const chunk of input) {
    text += chunk.toString('latin1');
    offset += chunk.length;
    if (part === 'header') {
      const blank = /\r?\n[ \t]*\r?\n/.exec(text);
      if (!blank && text.length > MAX_HEADER_LENGTH) throw corrupt(ARMORED, offset, 'no empty line ends its header');
      if (!blank) continue;
      text = text.slice(blank.index + blank[0].length);
      part = 'base64';
    }
    if (part === 'base64' && text !== '') {
      const at = endOf(text, isLineStart);
      const base64 = text.slice(0, at);
      const bytes = decoder.push(base64);
      if (!bytes) throw corrupt(ARMORED, offset, 'it holds something that is not base64');
      if (bytes.length > 0) yield bytes;
      if (base64 !== '') isLineStart = base64.endsWith('\n');
      text = text.slice(at);
      if (text !== '') part = 'end';
    }
    if (part === 'end' && !couldBeEnd(text)) throw corrupt(ARMORED, offset, 'something follows its base64');
  }
  if (text.replace(CHECKSUM, '').trimEnd() !== END || !decoder.isWhole) throw truncated(ARMORED, offset);
}

const CHECKSUM = /^=[A-Za-z0-9+/]{4}\r?\n/;

/** The base64 ends at the checksum (starts with `=`) or at the last line (starts with `-`). */
function endOf(text: string, isLineStart: boolean): number {
  if (isLineStart && /^[=-]/.test(text)) return 0;
  const found = /\n[=-]/.exec(text);
  return found ? found.index + 1 : text.length;
}

function couldBeEnd(text: string): boolean {
  if (text.length > MAX_END_LENGTH) return false;
  const last = text.replace(CHECKSUM, '');
  return last.startsWith('=') ? /^=[A-Za-z0-9+/]{0,4}\r?$/.test(last) : END.startsWith(last) || last.trimEnd() === END;
}
