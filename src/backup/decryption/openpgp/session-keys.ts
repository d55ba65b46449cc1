import { setImmediate } from 'node:timers/promises';
import type { DecryptedSessionKey, PartialConfig, PrivateKey } from 'openpgp';
import { corrupt } from '../../compression/damage.ts';
import { type BackupKey, PASSPHRASE } from '../../layer.ts';
import { cipherOf, refusedCipher } from './ciphers.ts';
import { explainNoKey } from './explain-no-key.ts';
import { isFor, keyIdOf, type LockedKey } from './locked-keys.ts';
import { sortKeys } from './openpgp-keys.ts';
import { OPENPGP } from './payload-errors.ts';
import type { ChooseKey, SessionKey } from './session-key.ts';
import { requireAffordable } from './stretching-cost.ts';

/** Restrictions meant for mail clients do not help here: an old key must open what was encrypted for it, even if its algorithms are deprecated today. */
const CONFIG: PartialConfig = {
  enforceGrammar: false,
  ignoreMalformedPackets: true,
  allowInsecureDecryptionWithSigningKeys: true,
  allowMissingKeyFlags: true,
  minRSABits: 1024,
  maxArgon2MemoryExponent: 20, // 1 GiB
};

/**
 * Tries the drill's keys on the session key packets, one at a time so that other work can run in between.
 * @param isWanted called before each attempt; stops once it returns false.
 * @returns a function that chooses among the session keys found; it throws `key-wrong` when none opens the data, `backup-corrupt` when the right one does not,
 * `format-unsupported`.
 */
export async function findSessionKeys(
  locked: readonly LockedKey[],
  key: string,
  keys: readonly BackupKey[],
  isWanted: () => boolean,
): Promise<ChooseKey> {
  const library = await import('openpgp');
  if (locked.length === 0) throw corrupt(OPENPGP, 0, 'it begins without a session key');
  const sorted = await sortKeys(keys, (armoredKeys) => library.readPrivateKeys({ armoredKeys, config: CONFIG }));
  const found: (SessionKey & { readonly algorithm: string | null })[] = [];
  const unusable = [...sorted.unusable];

  const forKeys = locked.filter(({ kind }) => kind === 'public key');
  for (const { name, key: privateKey } of sorted.privateKeys) {
    const mine = forKeys.filter((one) => privateKey.getKeyIDs().some((id) => isFor(one, id.toHex())));
    if (mine.length === 0) continue;
    const unlocked = await unlock(privateKey, sorted.passphrases);
    if (!unlocked) unusable.push(`${name} is protected by a passphrase, and none that is named opens it`);
    else {
      const fingerprint = privateKey.getFingerprint().toUpperCase();
      const opened = await open(mine, { decryptionKeys: unlocked }, { isProven: true, fingerprint });
      found.push(...opened);
      if (opened.length === 0 && mine.some((one) => keyIdOf(one) !== undefined))
        unusable.push(
          `${name} has the key, but does not open it: its header is damaged, or the key is of a kind that is not read (Brainpool)`,
        );
    }
  }
  const forPassphrases = locked.filter(({ kind }) => kind === 'passphrase');
  const isProven = forPassphrases.every(({ body }) => (body[0] ?? 0) > 4); // version 4 has no check of its own
  const passphrases = found.length === 0 && forPassphrases.length > 0 ? sorted.passphrases : [];
  if (passphrases.length > 0) requireAffordable(forPassphrases, key);
  for (const passwords of passphrases)
    found.push(...(await open(forPassphrases, { passwords }, { isProven, fingerprint: PASSPHRASE })));

  return (opens) => {
    const chosen = found.find((one) => opens(one));
    if (chosen) return chosen;
    for (const { algorithm } of found) {
      const refused = algorithm === null ? undefined : refusedCipher(algorithm, key);
      if (refused) throw refused;
    }
    if (found.some(({ isProven }) => isProven))
      throw corrupt(OPENPGP, 0, 'the beginning of its encrypted data is not as it was written');
    throw explainNoKey(key, locked, keys, unusable);
  };

  async function unlock(privateKey: PrivateKey, passphrases: readonly string[]): Promise<PrivateKey | undefined> {
    if (privateKey.isDecrypted()) return privateKey;
    for (const passphrase of passphrases) {
      try {
        return await library.decryptKey({ privateKey, passphrase, config: CONFIG });
      } catch {
        // another passphrase may open it; and the error might contain this one
      }
    }
    return undefined;
  }

  async function open(
    packets: readonly LockedKey[],
    how: { readonly decryptionKeys: PrivateKey } | { readonly passwords: string },
    facts: Pick<SessionKey, 'isProven' | 'fingerprint'>,
  ): Promise<typeof found> {
    const opened: typeof found = [];
    for (const packet of packets) {
      await setImmediate();
      if (!isWanted()) break;
      for (const one of await openOne(packet, how))
        opened.push({ ...toSessionKey(one), algorithm: one.algorithm, ...facts });
    }
    return opened;
  }

  async function openOne(packet: LockedKey, how: Parameters<typeof open>[1]): Promise<readonly DecryptedSessionKey[]> {
    try {
      const message = await library.readMessage({ binaryMessage: asMessage(packet), config: CONFIG });
      return await library.decryptSessionKeys({ message, ...how, config: CONFIG });
    } catch {
      return []; // the wrong key, or a packet that is damaged: the caller says so
    }
  }
}

function toSessionKey({ data, algorithm }: DecryptedSessionKey): Pick<SessionKey, 'cipher' | 'key'> {
  return { cipher: algorithm === null ? undefined : cipherOf(algorithm), key: Buffer.from(data) };
}

/** A message with only this packet, which is all that the library needs to find the session key. */
function asMessage({ kind, body }: LockedKey): Uint8Array {
  const header = Buffer.from([kind === 'public key' ? 0xc1 : 0xc3, 255, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
}
