import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { age } from '../../../src/backup/decryption/age/age.ts';
import { openpgp } from '../../../src/backup/decryption/openpgp/openpgp.ts';
import { withWrongKeys } from '../../../src/backup/faults/wrong-keys.ts';
import type { Layer } from '../../../src/backup/layer.ts';
import { failure } from '../../contracts/source-contract.ts';
import { ageFor, newPair as ageKeys, ageWith, ringOf } from '../decryption/age/age-files.ts';
import { newPair as openpgpKeys, sealed } from '../decryption/openpgp/openpgp-files.ts';

const CONTENT = Buffer.from('a dump');

async function encryptedWith(kind: string): Promise<readonly [layer: Layer, file: Buffer, key: string]> {
  if (kind === 'age identity') {
    const { identity, recipient } = await ageKeys();
    return [age, await ageFor([recipient], CONTENT), `# created: today\n${identity}\n`];
  }
  if (kind === 'age passphrase') return [age, await ageWith('secret', CONTENT), 'secret'];
  if (kind === 'OpenPGP passphrase') return [openpgp, await sealed(CONTENT, { passphrases: ['secret'] }), 'secret'];
  const pair = await openpgpKeys();
  return [openpgp, await sealed(CONTENT, { to: [pair.publicKey] }), pair.privateKey];
}

it.each(['age identity', 'age passphrase', 'OpenPGP key', 'OpenPGP passphrase'])(
  'a wrong key of the same kind as an %s is refused as wrong, not as unusable',
  async (kind) => {
    const [layer, file, key] = await encryptedWith(kind);
    const open = (keys: ReturnType<typeof ringOf>) =>
      buffer(layer.open(Readable.from([file]), { key: 'orders.dump', keys }));
    expect(await open(ringOf(key))).toEqual(CONTENT);
    expect((await failure(open(withWrongKeys(ringOf(key))))).code).toBe('key-wrong');
  },
);
