import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DrillStanding } from './read-standings.ts';
import type { Standing } from './standing.ts';

/** Prefix of the subject of alerts about a drill's proof; the drill's own alert is about its backup. */
export const PROOF_SUBJECT = 'proof:';

/** The fingerprint of a drill that has gone without a proof for too long. */
export const UNPROVEN = 'unproven';

/** Scheduled runs prove a changed drill immediately, so after this long, something must be preventing them. */
const GRACE_MS = 3 * 86_400_000;

type ProvenDrill = Pick<Drill, 'name' | 'owner' | 'tier' | 'proveEveryMs' | 'definitionHash'>;

/**
 * A separate alert subject for a drill that asks for proofs: whether it still catches what it caught before. It is a problem when the newest proof caught less
 * than the previous one, and when the drill in its current form has passed for three days without a proof. Pure.
 * @returns undefined for a drill that is only proven manually.
 */
export function proofAlertOf(
  { drill, proof, runs }: Pick<DrillStanding, 'proof' | 'runs'> & { readonly drill: ProvenDrill },
  now: Date,
): Standing | undefined {
  if (drill.proveEveryMs === undefined) return undefined;
  const common = {
    drill: `${PROOF_SUBJECT}${drill.name}`,
    owner: drill.owner,
    tier: drill.tier,
    isFailing: false,
    isProvisional: false,
    runId: undefined,
  };
  if (proof && proof.total > 0 && !proof.isOutdated) {
    const { sentence, lost, provenAt: since } = proof;
    if (lost.length === 0) return { ...common, state: 'passed', fingerprint: 'proven', since, sentence };
    return { ...common, state: 'never', fingerprint: `lost:${lost.join()}`, since, sentence };
  }
  const sentence = proof?.sentence ?? 'checks never proven';
  const since = firstPassedAsNow(runs, drill.definitionHash)?.startedAt;
  const isLate = since !== undefined && now.getTime() - since.getTime() >= GRACE_MS;
  // `never` alone is not a problem: there is a grace period
  return { ...common, state: 'never', fingerprint: isLate ? UNPROVEN : 'never', since, sentence };
}

/** @param runs newest first. */
function firstPassedAsNow(runs: readonly RunRecord[], definitionHash: string): RunRecord | undefined {
  return runs.findLast((run) => run.verdict === 'passed' && run.definitionHash === definitionHash);
}
