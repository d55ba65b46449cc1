import type { Damage } from './damage/damage.ts';
import type { DrillOutcome } from './drill-backup.ts';
import type { Recipe } from './recipes/recipe.ts';
import type { Restored } from './servers/real-server.ts';

/**
 * `right`; `not shown`: data changed in a way that neither the format nor the real tool can show (a value in plain SQL); everything else is a fault of
 * Firedrill: `hollow`: passed on changed data; `false alarm`: intact data refused, or restored to something else; `blame`: errored although the bytes are at
 * fault; the others as named.
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

/** What is known of a case besides Firedrill's outcome. */
export interface Evidence {
  readonly damage: Pick<Damage, 'effect'>;
  readonly recipe: Pick<Recipe, 'layout' | 'compressor' | 'hasCompletionLine'>;
  /** The result of restoring the undamaged backup. */
  readonly whole: string;
  /** The result of restoring the damaged one with the real tool. */
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
      // the fingerprint is that of the intact backup, though the real tool may want the file unpacked first
      if (damage.effect === 'tolerable' && outcome.verdict === 'passed') return 'right';
      if (isSame && damage.effect === 'shown') return 'hollow';
      // The check compares with the intact backup, as restored by the real tool.
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

/** A check that compares complete fingerprints is no achievement of Firedrill: without it, such a drill would have passed. */
export function verdictOnBytes({ verdict, run }: DrillOutcome): 'passed' | 'failed' | 'errored' {
  if (verdict === 'failed') return run?.reasons.every(({ reason }) => reason === 'wrong-data') ? 'passed' : 'failed';
  return verdict === 'passed' ? 'passed' : 'errored';
}
