import { hash } from 'node:crypto';

/**
 * How much later than due a run starts: the same on every machine and after every restart, and different for each drill, so
 * that drills with the same schedule do not all start at once.
 *
 * The first 12 hexadecimal digits of SHA-256 over the drill's name, a space and the due instant in ISO 8601, modulo the jitter in whole
 * seconds. In a shell, for 10 minutes:
 * `echo $((16#$(printf 'orders 2026-11-22T02:30:00.000Z' | sha256sum | cut -c1-12) % 600))`
 */
export function jitterOfMs(drill: string, dueMs: number, jitterMs: number): number {
  const seconds = Math.floor(jitterMs / 1000);
  if (seconds < 1) return 0;
  const digest = hash('sha256', `${drill} ${new Date(dueMs).toISOString()}`);
  return (Number.parseInt(digest.slice(0, 12), 16) % seconds) * 1000;
}
