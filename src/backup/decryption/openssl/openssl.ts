import type { Layer } from '../../layer.ts';
import { openOpenssl } from './open-openssl.ts';

const SALTED = 'Salted__';
/** The same in base64, as written by the option `-a`. */
const SALTED_BASE64 = 'U2FsdGVkX1';

/** Output of `openssl enc` with a passphrase, binary or base64: eight letters, eight bytes of salt, then the ciphertext. See openssl-enc(1). */
export const openssl: Layer = {
  kind: 'encryption',
  name: 'OpenSSL',
  isUnchecked: true,
  recognise: (first) =>
    first.toString('latin1', 0, SALTED.length) === SALTED ||
    first.toString('latin1', 0, SALTED_BASE64.length) === SALTED_BASE64,
  open: openOpenssl,
};
