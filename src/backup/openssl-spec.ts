/** The options that `openssl enc` encrypted with; the file does not record them. */
export interface OpensslSpec {
  /** As OpenSSL names it: `aes-256-cbc`. */
  readonly cipher: (typeof OPENSSL_CIPHERS)[number];
  /** `pbkdf2`: the options `-pbkdf2` and `-iter`. `evp-bytes-to-key`: neither. */
  readonly kdf: 'pbkdf2' | 'evp-bytes-to-key';
  /** PBKDF2 iterations. */
  readonly iterations: number;
  /** The option `-md`. */
  readonly digest: (typeof OPENSSL_DIGESTS)[number];
}

/** `openssl enc -aes-256-cbc -pbkdf2`, with the defaults of OpenSSL since 1.1. */
export const OPENSSL_DEFAULTS: OpensslSpec = {
  cipher: 'aes-256-cbc',
  kdf: 'pbkdf2',
  iterations: 10_000,
  digest: 'sha256',
};

/** Ciphers of `openssl enc -list` in common use that Node’s OpenSSL supports without its legacy provider. */
export const OPENSSL_CIPHERS = [
  'aes-256-cbc',
  'aes-256-ctr',
  'aes-256-cfb',
  'aes-256-ofb',
  'aes-192-cbc',
  'aes-192-ctr',
  'aes-192-cfb',
  'aes-192-ofb',
  'aes-128-cbc',
  'aes-128-ctr',
  'aes-128-cfb',
  'aes-128-ofb',
  'camellia-256-cbc',
  'camellia-256-ctr',
  'camellia-128-cbc',
  'camellia-128-ctr',
  'des-ede3-cbc',
  'chacha20',
] as const;

export const OPENSSL_DIGESTS = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

/** The options of `openssl enc`, for messages: `-aes-256-cbc -pbkdf2 -iter 10000 -md sha256`. */
export function describeOpenssl({ cipher, kdf, iterations, digest }: OpensslSpec): string {
  return `-${cipher}${kdf === 'pbkdf2' ? ` -pbkdf2 -iter ${iterations}` : ''} -md ${digest}`;
}
