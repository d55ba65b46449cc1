import { z } from 'zod';
import { OPENSSL_CIPHERS, OPENSSL_DEFAULTS, OPENSSL_DIGESTS, type OpensslSpec } from '../backup/openssl-spec.ts';
import { mapping, oneOf, wholeNumber } from './fields.ts';

/** The options of `openssl enc`, which the encrypted file does not record. */
export function opensslSchema() {
  const { cipher, kdf, digest, iterations } = OPENSSL_DEFAULTS;
  return mapping({
    cipher: z
      .enum(OPENSSL_CIPHERS, {
        error: 'must be a cipher of `openssl enc` without its dash, such as aes-256-cbc or aes-256-ctr',
      })
      .default(cipher)
      .describe('The cipher: the name of the `openssl enc` option without its dash.')
      .meta({ examples: ['aes-256-cbc'] }),
    kdf: oneOf(['pbkdf2', 'evp-bytes-to-key'])
      .default(kdf)
      .describe('`pbkdf2`: the command has `-pbkdf2` or `-iter`. `evp-bytes-to-key`: it has neither.'),
    iterations: wholeNumber(1, 1e9)
      .optional()
      .describe(`The option \`-iter\`, for PBKDF2. Default: \`${iterations}\`.`),
    digest: oneOf(OPENSSL_DIGESTS).default(digest).describe('The option `-md`; OpenSSL before 1.1 defaulted to `md5`.'),
  })
    .superRefine(({ kdf: given, iterations: count }, context) => {
      if (given === 'pbkdf2' || count === undefined) return;
      context.addIssue({
        code: 'custom',
        path: ['iterations'],
        message: 'is for pbkdf2 only, and kdf is evp-bytes-to-key',
      });
    })
    .transform(({ iterations: count, ...rest }): OpensslSpec => ({ ...rest, iterations: count ?? iterations }))
    .describe('How `openssl enc` encrypted the backup; the file itself does not say. See docs/encryption.md.');
}
