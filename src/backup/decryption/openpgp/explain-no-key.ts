import { DrillError } from '../../../support/errors.ts';
import type { BackupKey } from '../../layer.ts';
import { refusedCipher } from './ciphers.ts';
import { algorithmOf, keyIdOf, type LockedKey } from './locked-keys.ts';

const MAX_SHOWN = 4;
/** Algorithms that the library decrypts: RSA, ElGamal, ECDH, X25519, X448. */
const READ: ReadonlySet<number> = new Set([1, 2, 16, 18, 25, 26]);

/** The error for a message that none of the drill's keys can open. @param unusable why keys were not tried. */
export function explainNoKey(
  key: string,
  locked: readonly LockedKey[],
  keys: readonly BackupKey[],
  unusable: readonly string[],
): DrillError {
  const forKeys = locked.filter(({ kind }) => kind === 'public key');
  const forPassphrase = locked.find(({ kind }) => kind === 'passphrase');
  const refused = forKeys.length === 0 && forPassphrase ? refusedCipher(forPassphrase.body[1] ?? 0, key) : undefined;
  if (refused) return refused;
  if (!forPassphrase && forKeys.every((one) => !READ.has(algorithmOf(one) ?? 0))) {
    return new DrillError(
      'format-unsupported',
      `${key} is encrypted with OpenPGP for keys of a kind that Firedrill does not read`,
      { hint: 'Encrypt it for an RSA or a Curve25519 key as well (`gpg -r`), and name that key in `backup.keys`.' },
    );
  }
  const tried = keys.map(({ name }) => name).join(', ');
  return new DrillError(
    'key-wrong',
    `${key} is encrypted with OpenPGP, for ${describe(forKeys, forPassphrase !== undefined)}, and no key opens it (tried: ${tried})`,
    {
      hint: 'Add the key that it was encrypted for to `backup.keys`, and its passphrase as a second key. If they are there already, the header of the file is damaged: compare its checksum.',
      details: unusable,
    },
  );
}

function describe(forKeys: readonly LockedKey[], hasPassphrase: boolean): string {
  const ids = [...new Set(forKeys.map((one) => keyIdOf(one)))];
  const shown = ids.slice(0, MAX_SHOWN).map((id) => (id === undefined ? 'a hidden recipient' : `the key ${id}`));
  if (ids.length > MAX_SHOWN) shown.push(`${ids.length - MAX_SHOWN} more`);
  return [...shown, ...(hasPassphrase ? ['a passphrase'] : [])].join(', ');
}
