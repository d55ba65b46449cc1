import type { Capability } from '../engines/capability.ts';
import type { LoadOutcome } from '../engines/engine.ts';
import { formatBytes } from '../support/quantities.ts';

/** `postgres 17.5`; an engine whose version cannot be known goes without. */
export function describeServer(type: string, version: string): string {
  return version === 'unknown' ? type : `${type} ${version}`;
}

/** `211 MB into database orders`; the size alone where there is no database. */
export function describeRestored(
  sizeBytes: number,
  { database }: Pick<LoadOutcome, 'database'>,
  offers: readonly Capability[],
): string {
  const size = formatBytes(sizeBytes);
  return offers.includes('sql') || offers.includes('commands') ? `${size} into database ${database}` : size;
}
