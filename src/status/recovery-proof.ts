import type { IdentitySpec } from '../config/drill-file.ts';
import type { IdentityRun, RecoveryProof } from '../record/store.ts';
import { formatDay } from '../support/instants.ts';

export const RECOVERY_STATES = ['proven', 'never', 'failed'] as const;

/** Whether the keys and credentials of the person who recovers are known to work for a drill. */
export interface RecoveryStanding {
  /** `failed`: the newest run with it did not pass, for whatever reason. */
  readonly state: (typeof RECOVERY_STATES)[number];
  /** `proven with the recovery key on 20 Nov 2026`, `never proven with the recovery key`. */
  readonly sentence: string;
  /** When it was last proven. */
  readonly provenAt: Date | undefined;
  /** The run that shows this. */
  readonly runId: string | undefined;
}

/** @param proof what the store knows about runs with it; undefined: there were none. @returns undefined for a drill that has no recovery identity. */
export function recoveryStanding(
  identity: Pick<IdentitySpec, 'keys' | 'credentials'> | undefined,
  proof: RecoveryProof | undefined,
): RecoveryStanding | undefined {
  if (!identity) return undefined;
  const what = nameOf(identity);
  const proven = proof && provenBy(proof, identity);
  const last = proven ? `last proven on ${formatDay(proven.startedAt)}` : 'never proven with it';
  if (!proof)
    return { state: 'never', sentence: `never proven with the ${what}`, provenAt: undefined, runId: undefined };
  const { newest } = proof;
  const common = { provenAt: proven?.startedAt, runId: newest.runId };
  const outcome = newest.verdict ?? newest.status;
  const isPassed = outcome === 'passed';
  if (isPassed && newest.runId === proven?.runId)
    return { ...common, state: 'proven', sentence: `proven with the ${what} on ${formatDay(newest.startedAt)}` };
  if (isPassed) {
    const sentence = `never proven with the ${what}: the backup that was read with it on ${formatDay(newest.startedAt)} is not encrypted`;
    return {
      ...common,
      state: proven ? 'proven' : 'never',
      sentence: proven ? `proven with the ${what} on ${formatDay(proven.startedAt)}` : sentence,
    };
  }
  const why = newest.errorCode === undefined ? '' : ` (${newest.errorCode})`;
  return {
    ...common,
    state: 'failed',
    sentence: `${outcome} with the ${what} on ${formatDay(newest.startedAt)}${why}; ${last}`,
  };
}

/** The newest run that proves it: one that passed and, if the identity has keys of its own, in which a key opened the backup. */
export function provenBy(proof: RecoveryProof, { keys }: Pick<IdentitySpec, 'keys'>): IdentityRun | undefined {
  return keys ? proof.passedWithKey : proof.passed;
}

function nameOf({ keys, credentials }: Pick<IdentitySpec, 'keys' | 'credentials'>): string {
  if (!keys) return 'recovery credentials';
  return credentials ? 'recovery key and credentials' : 'recovery key';
}
