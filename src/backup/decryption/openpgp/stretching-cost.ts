import { DrillError } from '../../../support/errors.ts';
import { formatBytes, formatCount } from '../../../support/quantities.ts';
import type { LockedKey } from './locked-keys.ts';

/** Most passphrases that we accept per message. */
const MAX_PACKETS = 8;
/** Limit for all packets together; about a second of CPU time per passphrase tried. */
const MAX_COST_BYTES = 2 ** 30;

const ITERATED = 3;
const ARGON2 = 4;

/**
 * Rejects a message whose header demands more key derivation work than any honest one, before doing any: the file itself sets the cost.
 * @throws DrillError `format-unsupported`
 */
export function requireAffordable(forPassphrases: readonly LockedKey[], key: string): void {
  if (forPassphrases.length > MAX_PACKETS)
    throw refused(key, `for ${formatCount(forPassphrases.length)} passphrases, where at most ${MAX_PACKETS} are tried`);
  const cost = forPassphrases.reduce((sum, { body }) => sum + costOf(body), 0);
  if (cost > MAX_COST_BYTES)
    throw refused(
      key,
      `so that a passphrase is stretched over ${formatBytes(cost)}, where at most ${formatBytes(MAX_COST_BYTES)} are`,
    );
}

/** @returns bytes hashed, or written by Argon2, per passphrase. Source: RFC 9580, sections 3.7.1 and 5.3. */
function costOf(body: Buffer): number {
  const [version = 0] = body;
  const [type = 0, ...rest] = body.subarray(version === 4 ? 2 : version === 5 ? 3 : 5);
  if (type === ITERATED) {
    const count = rest[9] ?? 0;
    return (16 + (count & 15)) * 2 ** ((count >> 4) + 6);
  }
  if (type !== ARGON2) return 0;
  const [passes = 0, , exponent = 0] = rest.slice(16);
  return passes * 2 ** (exponent + 10);
}

function refused(key: string, how: string): DrillError {
  return new DrillError('format-unsupported', `${key} is encrypted with OpenPGP ${how}`, {
    hint: 'Encrypt it for a public key, or with the defaults of `gpg --symmetric`. If the backup job did so, the beginning of the file is damaged.',
  });
}
