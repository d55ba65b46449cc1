import type { Damage } from './damage/damage.ts';
import type { DrillOutcome } from './drill-backup.ts';
import type { Recipe } from './recipes/recipe.ts';
import type { Restored } from './servers/real-server.ts';

/**
 * `right`; `not shown`: data changed in a way that neither the format nor the real tool can show (a value in plain SQL); everything else is a fault of Firedrill:
 * `hollow`: passed on changed data; `false alarm`: whole data refused, or restored to something else; `blame`: errored where the bytes are at fault; the rest as they say.
 */
export type Ruling =
  | 'right'
  | 'not shown'
  | 'hollow'
  | 'false alarm'
  | 'blame'
  | 'internal'
  | 'leak'
  | 'hung'
  | 'crashed';

/** What is known of a case beside what Firedrill made of it. */
export interface Evidence {
  readonly damage: Pick<Damage, 'effect'>;
  readonly recipe: Pick<Recipe, 'layout' | 'compressor' | 'hasCompletionLine'>;
  /** What the undamaged backup restores to. */
  readonly whole: string;
  /** What the real tool made of the damaged one. */
  readonly restored: Restored;
}

export function judgeDamaged({ damage, whole, restored }: Evidence, outcome: DrillOutcome): Ruling {
  if (outcome.verdict === 'hung' || outcome.verdict === 'crashed') return outcome.verdict;
  if (outcome.run?.error?.code === 'internal') return 'internal';
  if (outcome.leaks.length > 0) return 'leak';
  const isSame = restored.fingerprint === whole;
  switch (verdictOnBytes(outcome)) {
    case 'passed':
      if (damage.effect === 'refused' || damage.effect === 'incomplete') return 'hollow';
      // the fingerprint is the whole backup's, though the real tool may want the file unpacked first
      if (damage.effect === 'tolerable' && outcome.verdict === 'passed') return 'right';
      if (isSame && damage.effect === 'shown') return 'hollow';
      // The check compares with the whole backup, which the real tool brought back.
      if (isSame) return outcome.verdict === 'passed' || restored.complaint !== undefined ? 'right' : 'false alarm';
      return restored.complaint !== undefined || damage.effect === 'shown' ? 'hollow' : 'not shown';
    case 'failed':
      return isSame &&
        restored.complaint === undefined &&
        (damage.effect === 'by oracle' || damage.effect === 'tolerable')
        ? 'false alarm'
        : 'right';
    default:
      return damage.effect === 'refused' ? 'right' : 'blame';
  }
}

/** A check that compares whole fingerprints is no merit of Firedrill's: without it such a drill would have passed. */
export function verdictOnBytes({ verdict, run }: DrillOutcome): 'passed' | 'failed' | 'errored' {
  if (verdict === 'failed') return run?.reasons.every(({ reason }) => reason === 'wrong-data') ? 'passed' : 'failed';
  return verdict === 'passed' ? 'passed' : 'errored';
}
