import type { Drill } from '../../config/drill-file.ts';
import type { Trigger } from '../../record/run-record.ts';
import type { DrillProof } from '../../record/store.ts';

/** Runs of one schedule start a few seconds early or late: without this margin, a weekly drill would be proven only every other week. */
const EARLY_MS = 3_600_000;

/**
 * Whether a run proves the drill's checks without being asked to: it was started by a scheduler, and the drill's last proof is too old or for an earlier
 * configuration.
 * @param last the drill's newest proof.
 */
export function isProofDue(
  { proveEveryMs, definitionHash }: Pick<Drill, 'proveEveryMs' | 'definitionHash'>,
  { kind }: Pick<Trigger, 'kind'>,
  last: Pick<DrillProof, 'startedAt' | 'definitionHash'> | undefined,
  now: Date,
): boolean {
  if (proveEveryMs === undefined || kind === 'hand') return false;
  return (
    !last ||
    last.definitionHash !== definitionHash ||
    now.getTime() - last.startedAt.getTime() >= proveEveryMs - EARLY_MS
  );
}
