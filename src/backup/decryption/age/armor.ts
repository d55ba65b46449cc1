import { corrupt, truncated } from '../../compression/damage.ts';

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const END = '-----END AGE ENCRYPTED FILE-----';
/** The last line and trailing white space. */
const MAX_END_LENGTH = 4096;
const ARMORED = 'armored age';

export function isArmored(first: Buffer): boolean {
  return first.toString('latin1', 0, BEGIN.length) === BEGIN;
}

/**
 * Decodes the armor of an age file, one chunk at a time. Line lengths and line endings are not checked, because the payload is authenticated.
 * Throws `backup-truncated` when the last line is missing, `backup-corrupt` for anything that is not base64.
 */
export async function* removeArmor(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let offset = 0;
  let text = '';
  let part: 'begin' | 'base64' | 'end' = 'begin';
  let isPadded = false;
  for await (const chunk of input) {
    text += chunk.toString('latin1');
    offset += chunk.length;
    if (part === 'begin') {
      if (text.length <= BEGIN.length) continue;
      text = text.slice(BEGIN.length);
      part = 'base64';
    }
    if (part === 'base64') {
      const dash = text.indexOf('-');
      const base64 = text.slice(0, dash < 0 ? text.length : dash).replace(/[\r\n]+/g, '');
      const usable = dash < 0 ? base64.slice(0, base64.length - (base64.length % 4)) : base64;
      if (usable !== '') {
        if (isPadded || !isBase64(usable)) throw corrupt(ARMORED, offset, 'it holds something that is not base64');
        isPadded = usable.endsWith('=');
        yield Buffer.from(usable, 'base64');
      }
      text = dash < 0 ? base64.slice(usable.length) : text.slice(dash);
      if (dash >= 0) part = 'end';
    }
    if (part === 'end' && !couldBeEnd(text)) throw corrupt(ARMORED, offset, 'something follows its base64');
  }
  if (text.trimEnd() !== END) throw truncated(ARMORED, offset);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

function couldBeEnd(text: string): boolean {
  return text.length <= MAX_END_LENGTH && (END.startsWith(text) || text.trimEnd() === END);
}
