import type { BackupKey } from '../../layer.ts';

/** A drill's keys, in a form that age can use. */
export interface AgeKeys {
  readonly identities: readonly string[];
  readonly passphrases: readonly string[];
  /** Why a key is neither, as a sentence that reveals nothing of the key. */
  readonly unusable: readonly string[];
}

/** Key types that are recognised but not supported. */
const REFUSED: readonly (readonly [beginning: RegExp, sentence: string])[] = [
  [/^AGE-PLUGIN-/m, 'is an identity of an age plugin, which Firedrill does not run'],
  [/^-----BEGIN [A-Z ]*PRIVATE KEY/m, 'is an OpenPGP, SSH or PEM private key, which is not used for age'],
  [
    /^(?:-----BEGIN AGE ENCRYPTED|age-encryption\.org\/v)/,
    'is an identity file that is encrypted itself; name the decrypted one',
  ],
  [/^age1[a-z0-9]+$/m, 'is an age recipient, the public half; name the identity, AGE-SECRET-KEY-1…'],
];

/**
 * Tells identity files from passphrases by content: a file has one identity per line, blank lines and comments (`#`); any other single line is a passphrase.
 * @param check throws if it is not an identity; its error may contain the key and is dropped.
 */
export function sortKeys(keys: readonly BackupKey[], check: (identity: string) => void): AgeKeys {
  const identities: string[] = [];
  const passphrases: string[] = [];
  const unusable: string[] = [];
  for (const { name, text } of keys) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    const refused = REFUSED.find(([beginning]) => beginning.test(text));
    if (refused) unusable.push(`${name} ${refused[1]}`);
    else if (lines.some((line) => line.startsWith('AGE-SECRET-KEY-'))) {
      for (const line of lines.filter((one) => one !== '' && !one.startsWith('#'))) {
        if (isIdentity(line, check)) identities.push(line);
        else unusable.push(`${name} holds a line that is not an age identity`);
      }
    } else if (lines.length === 1) passphrases.push(text);
    else unusable.push(`${name} holds ${lines.length} lines and no age identity`);
  }
  return { identities, passphrases, unusable };
}

function isIdentity(line: string, check: (identity: string) => void): boolean {
  try {
    check(line);
    return true;
  } catch {
    return false; // the error would repeat the key
  }
}
