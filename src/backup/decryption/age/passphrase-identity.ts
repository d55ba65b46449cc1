import { scrypt } from 'node:crypto';
import type { Identity, Stanza } from 'age-encryption';
import { DrillError } from '../../../support/errors.ts';
import { corrupt } from '../../compression/damage.ts';
import { openSealed } from './chacha20-poly1305.ts';

/** 2^20 takes 1 GiB of memory; age(1) writes 2^18. */
const MAX_WORK_FACTOR = 20;
const BLOCK_SIZE = 8;

/**
 * A passphrase as an identity (https://c2sp.org/age, "The scrypt recipient type"). The library's own implementation derives the key on the main thread, which
 * blocks the scheduler and the run's lease for seconds; this one uses a thread.
 * @param backup identifies the backup in errors. Throws `backup-corrupt`, and `format-unsupported` for a work factor that needs more than 1 GiB.
 */
export function passphraseIdentity(passphrase: string, backup: string): Identity {
  return {
    unwrapFileKey: async (stanzas: Stanza[]) => {
      const stanza = stanzas.find(({ args }) => args[0] === 'scrypt');
      if (!stanza) return null;
      const [, salt = '', factor = ''] = stanza.args;
      const saltBytes = Buffer.from(salt, 'base64');
      const isWellFormed = saltBytes.length === 16 && /^[1-9]\d?$/.test(factor) && stanza.body.length === 32;
      if (!isWellFormed || stanzas.length !== 1) throw corrupt('age', 0, 'its header is malformed');
      if (Number(factor) > MAX_WORK_FACTOR) {
        throw new DrillError('format-unsupported', `${backup} takes more than 1 GiB of memory to try a passphrase`, {
          hint: `Encrypt it with a scrypt work factor of ${MAX_WORK_FACTOR} at most (age writes 18), or for an X25519 recipient.`,
        });
      }
      const key = await deriveKey(passphrase, saltBytes, 2 ** Number(factor));
      return openSealed(key, Buffer.alloc(12), Buffer.from(stanza.body)) ?? null;
    },
  };
}

function deriveKey(passphrase: string, salt: Buffer, cost: number): Promise<Buffer> {
  const labelled = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt]);
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 128 * BLOCK_SIZE * cost + 2 ** 20 };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, labelled, 32, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
