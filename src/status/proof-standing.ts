import { scoreOf } from '../record/proof-view.ts';
import type { DrillProof } from '../record/store.ts';
import { formatDay } from '../support/instants.ts';
import type { DamageName } from '../support/vocabulary.ts';

/** What is known about a drill's checks: how much damage they catch. */
export interface ProofStanding {
  /** `caught 5 of 6 damages on 28 Nov 2026`, `not proven since it changed (5 of 6 on 28 Nov 2026)` */
  readonly sentence: string;
  readonly caught: number;
  readonly total: number;
  readonly provenAt: Date;
  readonly runId: string;
  /** Whether the drill has changed since. */
  readonly isOutdated: boolean;
  /** Kinds of damage that the previous proof caught more of. */
  readonly lost: readonly DamageName[];
}

/** @param definitionHash of the drill's current form; undefined: its file is invalid. */
export function proofStanding(
  { proof, startedAt, runId, definitionHash: then }: DrillProof,
  definitionHash: string | undefined,
): ProofStanding {
  const { caught, total } = scoreOf(proof);
  const isOutdated = then !== definitionHash;
  const day = formatDay(startedAt);
  const lost = proof.lost ?? [];
  const less = lost.length === 0 ? '' : `, less than before: ${lost.join(', ')}`;
  const found = total === 0 ? `no damage could be tried on ${day}` : `caught ${caught} of ${total} damages on ${day}`;
  const sentence = isOutdated
    ? `checks not proven since the drill changed (${found})`
    : `checks ${total === 0 ? `not proven: ${found}` : found}${less}`;
  return { sentence, caught, total, provenAt: startedAt, runId, isOutdated, lost };
}
