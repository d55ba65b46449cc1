import { recogniseCompression } from '../../compression/decompress.ts';
import { openpgp } from '../openpgp/openpgp.ts';

/** With fewer characters, one wrong key in a hundred gives what looks like text. */
const ENOUGH_TEXT_BYTES = 48;

/**
 * Whether this may be the beginning of what somebody encrypted: text (SQL, age, armor, another `Salted__`), something compressed, an archive.
 * What a wrong key gives is random, and is none of it; something that is not known here may be right all the same.
 */
export function isKnownBeginning(first: Buffer): boolean {
  return recogniseCompression(first) !== 'none' || openpgp.recognise(first) || isArchive(first) || isText(first);
}

/** pg_dump’s custom format, zip, tar. */
function isArchive(first: Buffer): boolean {
  const begins = first.toString('latin1', 0, 5);
  return begins === 'PGDMP' || begins.startsWith('PK\u0003\u0004') || first.toString('latin1', 257, 262) === 'ustar';
}

function isText(first: Buffer): boolean {
  return (
    first.length >= ENOUGH_TEXT_BYTES && first.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13) || byte === 27)
  );
}
