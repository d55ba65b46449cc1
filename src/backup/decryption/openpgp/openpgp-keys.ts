import type { PrivateKey } from 'openpgp';
import type { BackupKey } from '../../layer.ts';

/** A drill's keys, in a form that OpenPGP can use. */
export interface OpenpgpKeys {
  readonly privateKeys: readonly NamedPrivateKey[];
  readonly passphrases: readonly string[];
  /** Why a key is neither, as a sentence that reveals nothing of the key. */
  readonly unusable: readonly string[];
}

export interface NamedPrivateKey {
  /** Where the key was read. */
  readonly name: string;
  readonly key: PrivateKey;
}

const PRIVATE_BLOCK = /-----BEGIN PGP PRIVATE KEY BLOCK-----[\s\S]*?-----END PGP PRIVATE KEY BLOCK-----/g;

/** Key types that are recognised but not supported. */
const REFUSED: readonly (readonly [sign: RegExp, sentence: string])[] = [
  [/-----BEGIN PGP PUBLIC KEY/, 'is a public key; name the private one, by `gpg --export-secret-keys --armor`'],
  [/-----BEGIN PGP PRIVATE KEY/, 'is a private key that is cut short'],
  [/-----BEGIN PGP MESSAGE/, 'is encrypted itself; name the decrypted key'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY/, 'is an SSH or PEM private key, which OpenPGP does not use'],
  [/^AGE-(?:SECRET-KEY|PLUGIN)-/m, 'is an identity of age'],
  [/\uFFFD/, 'is binary; export the key as text, by `gpg --export-secret-keys --armor`'],
];

/**
 * Tells private keys from passphrases by content: a key is an armored block, any other single line a passphrase.
 * @param read the library's parser of armored keys; its error may contain part of the key and is dropped.
 */
export async function sortKeys(
  keys: readonly BackupKey[],
  read: (armored: string) => Promise<readonly PrivateKey[]>,
): Promise<OpenpgpKeys> {
  const privateKeys: NamedPrivateKey[] = [];
  const passphrases: string[] = [];
  const unusable: string[] = [];
  for (const { name, text } of keys) {
    const blocks = text.match(PRIVATE_BLOCK) ?? [];
    const refused = REFUSED.find(([sign]) => sign.test(text));
    if (blocks.length > 0) {
      for (const block of blocks) {
        const found = await read(block).catch(() => undefined);
        if (found) privateKeys.push(...found.map((key) => ({ name, key })));
        else unusable.push(`${name} holds a private key that cannot be read: it is damaged, or of a newer kind`);
      }
    } else if (refused) unusable.push(`${name} ${refused[1]}`);
    else if (/[\r\n]/.test(text)) unusable.push(`${name} holds several lines and no OpenPGP key`);
    else passphrases.push(text);
  }
  return { privateKeys, passphrases, unusable };
}
