import { findLost, scoreOf } from '../../record/proof-view.ts';
import type { ProofRecord } from '../../record/run-record.ts';
import type { CopyProof } from './prove-when-due.ts';

/** A proof as the run records it; one that tried nothing is partial, so that the drill's last real proof stays its proof. @param runId from which places in the backup were drawn; undefined: none was. */
export function toProof(
  { asked: { kinds, seed, isPartial }, entries, before, isInterrupted }: Omit<CopyProof, 'undamaged'>,
  runId?: string,
): ProofRecord {
  const hasPlaces = runId !== undefined && (kinds.has('truncate') || kinds.has('flip'));
  const isEmpty = scoreOf({ entries }).total === 0;
  const lost = before ? findLost(before, { entries }) : [];
  return {
    entries,
    ...(hasPlaces ? { seed: seed ?? runId } : {}),
    ...(lost.length > 0 ? { lost } : {}),
    ...(isPartial || isInterrupted || isEmpty ? { isPartial: true } : {}),
  };
}
