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
 * A message starts with a session key packet: for a public key (type 1; version 3 or 6) or a passphrase (type 3; version 4 to 6). The bytes after the version
 * are checked too, and the start of the next packet if it is available, because text, other formats and random bytes may start with the same three bytes.
 */
function isSessionKey(first: Buffer): boolean {
  const [header = 0, second = 0] = first;
  const isNew = (header & 0xc0) === 0xc0;
  if (!isNew && ((header & 0xc0) !== 0x80 || (header & 3) > 1)) return false;
  const tag = isNew ? header & 0x3f : (header & 0x3c) >> 2;
  const at = isNew ? (second < 192 ? 2 : 3) : 2 + (header & 3);
  if (first.length < at + 12 || (isNew && second >= 224)) return false;
  let length = at === 2 ? second : first.readUInt16BE(1);
  if (isNew && at === 3) length = ((second - 192) << 8) + first.readUInt8(2) + 192;
  const body = first.subarray(at, at + length);
  if (tag === 1 ? !isForKey(body) : tag !== 3 || !isForPassphrase(body)) return false;
  const next = first[at + length];
  return next === undefined || isBehindSessionKey(next);
}

/** Version 3: the id of the key, the algorithm. Version 6: a length, the version of the key and its fingerprint, the algorithm. */
function isForKey(body: Buffer): boolean {
  if (body[0] === 3) return PUBLIC_KEYS.has(body[9] ?? 0);
  const bytes = body[1] ?? 0;
  const isFingerprint = bytes === 0 || (bytes === 21 && body[2] === 4) || (bytes === 33 && body[2] === 6);
  return body[0] === 6 && isFingerprint && (body.length <= 2 + bytes || PUBLIC_KEYS.has(body[2 + bytes] ?? 0));
}

/** Cipher, mode from version 5 on, and the passphrase's key derivation (S2K); version 6 has lengths before the first and the last. */
function isForPassphrase(body: Buffer): boolean {
  const [version = 0] = body;
  if (version < 4 || version > 6 || body.length > MAX_PASSPHRASE_BYTES) return false;
  const at = version === 6 ? 2 : 1;
  if (version > 4 && !MODES.has(body[at + 1] ?? 0)) return false;
  return (
    (body[at] ?? 0) <= 13 && STRING_TO_KEY.has(body[version === 4 ? at + 1 : version === 5 ? at + 2 : at + 3] ?? -1)
  );
}

/** The header of another session key, of the encrypted data, a marker or padding. */
function isBehindSessionKey(header: number): boolean {
  const tag = (header & 0x40) !== 0 ? header & 0x3f : (header & 0x3c) >> 2;
  return (header & 0x80) !== 0 && FOLLOWERS.has(tag);
}

/** RSA, ElGamal, ECDH, X25519, X448, and GnuPG’s Kyber (8). */
const PUBLIC_KEYS: ReadonlySet<number> = new Set([1, 2, 8, 16, 18, 25, 26]);
const STRING_TO_KEY: ReadonlySet<number> = new Set([0, 1, 3, 4]);
/** EAX, OCB, GCM. */
const MODES: ReadonlySet<number> = new Set([1, 2, 3]);
const FOLLOWERS: ReadonlySet<number> = new Set([1, 3, 9, 10, 18, 20, 21]);
/** A packet with Argon2 and a 32-byte session key has 80 bytes. */
const MAX_PASSPHRASE_BYTES = 255;
