import type { Identity, Stanza } from 'age-encryption';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { corrupt } from '../../compression/damage.ts';
import { type BackupKey, PASSPHRASE } from '../../layer.ts';
import { type AgeKeys, sortKeys } from './age-keys.ts';
import { passphraseIdentity } from './passphrase-identity.ts';

/** Supported recipient types, with human-readable names. */
const READ_KINDS: ReadonlyMap<string, string> = new Map([
  ['X25519', 'X25519'],
  ['mlkem768x25519', 'post-quantum'],
  ['scrypt', 'passphrase'],
]);

/**
 * Recovers the file key with one of the drill's keys, and verifies the header with it.
 * @param header all of it, MAC included.
 * @returns the file key, and the fingerprint of the drill's key that unwrapped it.
 * Throws `key-wrong` when none of the keys opens it, `format-unsupported` when all recipient types are unsupported, `backup-corrupt`.
 */
export async function unwrapFileKey(
  header: Buffer,
  key: string,
  keys: readonly BackupKey[],
): Promise<{ readonly fileKey: Uint8Array; readonly fingerprint: string }> {
  const { Decrypter, identityToRecipient } = await import('age-encryption');
  const sorted = sortKeys(keys, (identity) => new Decrypter().addIdentity(identity));
  // The library tries identities in order until one returns the file key. Ours also observe: the first collects the recipient types, the one before each key
  // notes that the key is being tried, and the last learns that none matched.
  const seen: { stanzas?: readonly Stanza[]; tried: () => Promise<string>; isExhausted: boolean } = {
    tried: async () => PASSPHRASE,
    isExhausted: false,
  };
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    unwrapFileKey: (stanzas: Stanza[]) => {
      seen.stanzas = stanzas;
      return null;
    },
  });
  const addKey = (identity: string | Identity, fingerprint: () => Promise<string>) => {
    decrypter.addIdentity({
      unwrapFileKey: () => {
        seen.tried = fingerprint;
        return null;
      },
    });
    decrypter.addIdentity(identity);
  };
  for (const identity of sorted.identities) addKey(identity, async () => shorten(await identityToRecipient(identity)));
  for (const passphrase of sorted.passphrases) addKey(passphraseIdentity(passphrase, key), async () => PASSPHRASE);
  decrypter.addIdentity({
    unwrapFileKey: () => {
      seen.isExhausted = true;
      return null;
    },
  });
  try {
    const fileKey = await decrypter.decryptHeader(header);
    return { fileKey, fingerprint: await seen.tried() };
  } catch (error) {
    if (error instanceof DrillError) throw error;
    if (seen.isExhausted && seen.stanzas) throw noKeyOpens(key, kindsOf(seen.stanzas), keys, sorted);
    throw corrupt('age', header.length, seen.stanzas ? 'its header does not authenticate' : 'its header is malformed');
  }
}

/** A post-quantum recipient has 2,000 characters; its start and end identify it. */
function shorten(recipient: string): string {
  return recipient.length <= 100 ? recipient : `${recipient.slice(0, 32)}…${recipient.slice(-16)}`;
}

function kindsOf(stanzas: readonly Stanza[]): readonly string[] {
  const kinds = stanzas.map(({ args }) => args[0] ?? '').filter((kind) => !kind.endsWith('-grease'));
  return [...new Set(kinds)];
}

function noKeyOpens(key: string, kinds: readonly string[], keys: readonly BackupKey[], sorted: AgeKeys): DrillError {
  const known = kinds.flatMap((kind) => READ_KINDS.get(kind) ?? []);
  if (known.length === 0) {
    const shown = kinds.map((kind) => toPrintable(kind, 40)).join(', ');
    return new DrillError(
      'format-unsupported',
      `${key} is encrypted with age to recipients of a kind that Firedrill does not read: ${shown}`,
      { hint: 'Encrypt it to an X25519 recipient as well (`age -r age1…`), and name that identity in `backup.keys`.' },
    );
  }
  const tried = keys.map(({ name }) => name).join(', ');
  const how = known.includes('passphrase') ? 'a passphrase' : `${known.join(' and ')} recipients`;
  return new DrillError(
    'key-wrong',
    `${key} is encrypted with age, for ${how}, and no key opens it (tried: ${tried})`,
    {
      hint: 'Add the key that it was encrypted for to `backup.keys`. If it is there already, the header of the file is damaged: compare its checksum.',
      details: sorted.unusable,
    },
  );
}
