import { randomBytes } from 'node:crypto';
import type { BackupKey, KeyRing } from '../layer.ts';

/** Keys of the same types as the drill's, none of which opens its backups. The drill's own keys are read only to learn their types. */
export function withWrongKeys(keys: KeyRing): KeyRing {
  let made: Promise<readonly BackupKey[]> | undefined;
  return {
    isEmpty: keys.isEmpty,
    openssl: keys.openssl,
    noteUse: () => undefined,
    read: () => {
      made ??= keys.read().then((own) => Promise.all(own.map(wrongKey)));
      return made;
    },
  };
}

async function wrongKey({ name, text }: BackupKey): Promise<BackupKey> {
  if (/^AGE-SECRET-KEY-/m.test(text)) {
    const { generateIdentity } = await import('age-encryption');
    return { name, text: await generateIdentity() };
  }
  if (text.includes('-----BEGIN PGP PRIVATE KEY')) {
    const { generateKey } = await import('openpgp');
    const { privateKey } = await generateKey({ userIDs: [{ name: 'another key' }], format: 'armored' });
    return { name, text: privateKey };
  }
  return { name, text: randomBytes(24).toString('hex') };
}
