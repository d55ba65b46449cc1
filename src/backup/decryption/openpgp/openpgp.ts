import type { Layer } from '../../layer.ts';
import { isArmored } from './armor.ts';
import { openOpenpgp } from './open-openpgp.ts';

/** An encrypted message, binary or armored, as `gpg -e` and `gpg -c` write it. Format: RFC 9580, and draft-koch-librepgp for GnuPG’s AEAD. */
export const openpgp: Layer = {
  kind: 'encryption',
  name: 'OpenPGP',
  recognise: (first) => isArmored(first) || isSessionKey(first),
  open: openOpenpgp,
};

/**
 * A message begins with a session key packet: for a public key (type 1; version 3 or 6) or a passphrase (type 3; version 4 to 6).
 * The bytes after the version are looked at too, because text and other formats may begin with the same three.
 */
function isSessionKey(first: Buffer): boolean {
  const [header = 0, second = 0] = first;
  const isNew = (header & 0xc0) === 0xc0;
  if (!isNew && ((header & 0xc0) !== 0x80 || (header & 3) > 1)) return false;
  const tag = isNew ? header & 0x3f : (header & 0x3c) >> 2;
  const at = isNew ? (second < 192 ? 2 : 3) : 2 + (header & 3);
  if (first.length < at + 12 || (isNew && second >= 224)) return false;
  const version = first.readUInt8(at);
  if (tag === 1) return version === 6 || (version === 3 && PUBLIC_KEYS.has(first.readUInt8(at + 9)));
  if (tag !== 3 || version < 4 || version > 6) return false;
  return version > 4 || (first.readUInt8(at + 1) <= 13 && STRING_TO_KEY.has(first.readUInt8(at + 2)));
}

/** RSA, ElGamal, ECDH, X25519, X448, and GnuPG’s Kyber (8). */
const PUBLIC_KEYS: ReadonlySet<number> = new Set([1, 2, 8, 16, 18, 25, 26]);
const STRING_TO_KEY: ReadonlySet<number> = new Set([0, 1, 3, 4]);
