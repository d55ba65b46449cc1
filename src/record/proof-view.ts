import type { ProofEntry, ProofRecord } from './run-record.ts';

/** How much of the damage that counts was caught. */
export function scoreOf({ entries }: ProofRecord): { readonly caught: number; readonly total: number } {
  const counted = entries.filter(({ skipped }) => skipped === undefined);
  return { caught: counted.filter(({ caughtBy }) => caughtBy.length > 0).length, total: counted.length };
}

/** What became of one damage. */
export function outcomeOf({ caughtBy, skipped }: ProofEntry): 'caught' | 'slipped through' | 'not counted' {
  if (skipped !== undefined) return 'not counted';
  return caughtBy.length > 0 ? 'caught' : 'slipped through';
}

/** What caught it, why it was not tried, or that only a comparison with the source would catch it. */
export function explainOutcome({ caughtBy, skipped, advice }: ProofEntry): string {
  if (skipped !== undefined) return skipped;
  return advice?.includes('fingerprint: {}') ? 'only a fingerprint would' : caughtBy.join(', ');
}

/** Checks that would have caught what slipped through, each once. */
export function adviceOf({ entries }: ProofRecord): readonly string[] {
  return [...new Set(entries.flatMap(({ advice }) => advice ?? []))];
}
