import type { Capability } from '../engines/capability.ts';
import type { LoadOutcome } from '../engines/engine.ts';
import { formatBytes } from '../support/quantities.ts';

/** `211 MB into database orders`; only the size if there is no database. */
export function describeRestored(
  sizeBytes: number,
  { database }: Pick<LoadOutcome, 'database'>,
  offers: readonly Capability[],
): string {
  const size = formatBytes(sizeBytes);
  return offers.includes('sql') || offers.includes('commands') ? `${size} into database ${database}` : size;
}
