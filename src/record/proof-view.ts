import type { DamageName } from '../support/vocabulary.ts';
import type { ProofEntry, ProofRecord } from './run-record.ts';

/** Proportion of the relevant damage that was caught. */
export function scoreOf({ entries }: ProofRecord): { readonly caught: number; readonly total: number } {
  const counted = entries.filter(({ skipped }) => skipped === undefined);
  return { caught: counted.filter(({ caughtBy }) => caughtBy.length > 0).length, total: counted.length };
}

/** The outcome of one kind of damage. */
export function outcomeOf({ caughtBy, skipped }: ProofEntry): 'caught' | 'slipped through' | 'not counted' {
  if (skipped !== undefined) return 'not counted';
  return caughtBy.length > 0 ? 'caught' : 'slipped through';
}

/** What caught it, why it was not tried, or which check kind would catch it. */
export function explainOutcome({ caughtBy, skipped, advice }: ProofEntry): string {
  if (skipped !== undefined) return skipped;
  if (caughtBy.length > 0) return caughtBy.join(', ');
  const kind = ADVISED.find((key) => advice?.includes(`, ${key}: `));
  if (kind === undefined) return '';
  return kind === 'fingerprint' ? 'only a fingerprint would' : `a check of ${kind} would`;
}

/** Check kinds that proofs recommend. */
const ADVISED = ['fingerprint', 'tables', 'freshness', 'schema', 'sql'] as const;

/**
 * Kinds of damage that used to be caught completely and no longer are. Excludes kinds that one of the two did not try, and bits flipped at random places,
 * whose detection is a matter of chance.
 */
export function findLost(before: ProofRecord, now: ProofRecord): readonly DamageName[] {
  const catchesAll = ({ entries }: ProofRecord, kind: DamageName) => {
    const counted = entries.filter((entry) => entry.kind === kind && entry.skipped === undefined);
    return counted.length === 0 ? undefined : counted.every(({ caughtBy }) => caughtBy.length > 0);
  };
  const kinds = new Set(now.entries.flatMap(({ kind }) => (kind === undefined || kind === 'flip' ? [] : kind)));
  return [...kinds].filter((kind) => catchesAll(before, kind) === true && catchesAll(now, kind) === false);
}

/** In a log: `caught by payments are there`, `not caught`. */
export function describeTrial({ caughtBy, skipped }: ProofEntry): string {
  if (skipped !== undefined) return `not counted: ${skipped}`;
  return caughtBy.length > 0 ? `caught by ${caughtBy.join(', ')}` : 'not caught';
}

/** Checks that would have caught the undetected damage, without duplicates. */
export function adviceOf({ entries }: ProofRecord): readonly string[] {
  return [...new Set(entries.flatMap(({ advice }) => advice ?? []))];
}
