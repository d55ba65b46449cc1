import { DAMAGES } from '../../support/vocabulary.ts';
import type { ProveRequest } from '../contract.ts';

export const DEFAULT_PLACES = 2;
/** Other runs wait for the scheduler, so trials that do not fit are left out, and the proof says so. */
const SCHEDULED_LIMIT_MS = 15 * 60_000;

/** What a scheduled proof tries. */
export function scheduledProof(remainingMs: number): ProveRequest {
  return {
    kinds: new Set(DAMAGES),
    seed: undefined,
    places: DEFAULT_PLACES,
    limitMs: Math.min(SCHEDULED_LIMIT_MS, remainingMs),
    isPartial: false,
  };
}
