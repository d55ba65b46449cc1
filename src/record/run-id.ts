/** Lower case without `0 o 1 l`, which people mix up when they read an id aloud; 32 of them, so that five bits choose one evenly. */
const ALPHABET = '23456789abcdefghijkmnpqrstuvwxyz';
const RANDOM_LENGTH = 6;

/**
 * `20261121-094131-k3f9qz`: sorts by time (UTC, to the second), is safe in file names, labels and shells, and is easy to type.
 * @param randomBytes of node:crypto. A billion ids per second tell apart; the store refuses a repeated one.
 */
export function makeRunId(now: Date, randomBytes: (size: number) => Uint8Array): string {
  const [date = '', time = ''] = now.toISOString().replace(/[-:]/g, '').split(/[T.]/);
  const random = Array.from(randomBytes(RANDOM_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
  return `${date}-${time}-${random}`;
}
