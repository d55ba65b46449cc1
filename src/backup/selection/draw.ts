import { createHash } from 'node:crypto';

/**
 * Draws an index from 0 to `count - 1`: uniform, and the same for the same seed on every machine.
 *
 * The first 12 hexadecimal digits of SHA-256 over the seed, modulo the count. Backups are numbered from the oldest (0), those of the same instant ordered by
 * key. In a shell, for the run 20261121-094131-k3f9qz and 30 backups:
 * `echo $((16#$(printf '20261121-094131-k3f9qz' | sha256sum | cut -c1-12) % 30))`
 */
export function drawIndex(seed: string, count: number): number {
  const digest = createHash('sha256').update(seed).digest('hex');
  return Number.parseInt(digest.slice(0, 12), 16) % count;
}

/** Formats an ordinal: `1st`, `2nd`, `3rd`, `11th`, `22nd`. */
export function formatOrdinal(position: number): string {
  const isTeen = Math.floor(position / 10) % 10 === 1;
  const ending = isTeen ? undefined : ['th', 'st', 'nd', 'rd'][position % 10];
  return `${position}${ending ?? 'th'}`;
}
