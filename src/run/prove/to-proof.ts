import { findLost, scoreOf } from '../../record/proof-view.ts';
import type { ProofRecord } from '../../record/run-record.ts';
import type { CopyProof } from './prove-when-due.ts';

/**
 * A proof as the run records it. One that tried nothing is marked partial, so that the drill's last real proof remains in force. @param runId seed for the
 * places in the backup; undefined: no places were chosen.
 */
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
