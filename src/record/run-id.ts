/** Lower case and digits without `0 o 1 l`, which are easily confused; 32 characters, so that five bits select one uniformly. */
const ALPHABET = '23456789abcdefghijkmnpqrstuvwxyz';
const RANDOM_LENGTH = 6;

/**
 * `20261121-094131-k3f9qz`: sorts by time (UTC, to the second), is safe in file names, labels and shells, and is easy to type.
 * @param randomBytes of node:crypto. There are a billion ids per second; the store rejects a duplicate.
 */
export function makeRunId(now: Date, randomBytes: (size: number) => Uint8Array): string {
  const [date = '', time = ''] = now.toISOString().replace(/[-:]/g, '').split(/[T.]/);
  const random = Array.from(randomBytes(RANDOM_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
  return `${date}-${time}-${random}`;
}
