import type { Drill } from '../config/drill-file.ts';
import type { Store } from '../record/store.ts';
import { provenBy } from '../status/recovery-proof.ts';
import { DrillError } from '../support/errors.ts';
import type { IdentityName } from '../support/vocabulary.ts';

/**
 * Chooses whose keys and credentials a run reads the backup with: those asked for, or else the drill's `backup.identity.use`.
 * @param asked from the command line; undefined: nothing.
 * @param attempt 2 for the retry of an errored run, which must not fail again because of the same key: the nightly run still has to test the backup.
 * @throws DrillError `usage` when the recovery identity was asked for and the drill has none; what reading the store throws.
 */
export async function chooseIdentity(
  drill: Pick<Drill, 'name' | 'backup' | 'place'>,
  asked: IdentityName | undefined,
  store: Pick<Store, 'findRecoveryProofs'>,
  now: Date,
  attempt = 1,
): Promise<IdentityName> {
  const { identity } = drill.backup;
  requireIdentity([drill], asked);
  if (!identity) return 'drill';
  if (asked !== undefined) return asked;
  const { use } = identity;
  if (use.when === 'always') return 'recovery';
  if (use.when === 'on-request' || attempt > 1) return 'drill';
  const proof = (await store.findRecoveryProofs()).find((one) => one.drill === drill.name);
  const provenAt = proof && provenBy(proof, identity)?.startedAt;
  return provenAt && now.getTime() - provenAt.getTime() < use.everyMs ? 'drill' : 'recovery';
}

/** Throws `usage` when the recovery identity is requested for a drill that has none. */
export function requireIdentity(
  drills: readonly Pick<Drill, 'name' | 'backup' | 'place'>[],
  asked: IdentityName | undefined,
): void {
  const without = drills.filter(({ backup }) => asked === 'recovery' && !backup.identity);
  if (without.length === 0) return;
  const files = without.map(({ place }) => place.file).join(', ');
  throw new DrillError('usage', `no recovery identity in ${without.map(({ name }) => name).join(', ')}`, {
    hint: `Add \`backup.identity\` with its keys or credentials to ${files}, or leave out --as.`,
  });
}
