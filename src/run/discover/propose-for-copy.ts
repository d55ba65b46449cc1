import type { Clock } from '../../support/clock.ts';
import type { CheckDraft } from '../../verify/propose/drafts.ts';
import { proposeChecks } from '../../verify/propose/propose-checks.ts';
import { openSessionPool } from '../../verify/session-pool.ts';
import type { RestoredCopy } from '../contract.ts';

/** Proposes checks from a restored copy, for its database and others in it; none for data that is not read with SQL. Throws what checks throw. */
export async function proposeForCopy(
  { server, database, takenAt, isPhysical, cpus, signal }: RestoredCopy,
  others: readonly string[],
  clock: Clock,
): Promise<readonly CheckDraft[]> {
  if (!server.sql) return [];
  await using pool = openSessionPool(server, { defaultDatabase: database, cpus, signal });
  return await proposeChecks(pool, {
    databases: [database, ...others],
    place: { file: '', checkLines: [] },
    takenAt,
    restore: { isPhysical, lastCommitAt: undefined },
    neighbours: { name: '', read: async () => undefined },
    rpoMs: undefined,
    clock,
    signal,
  });
}
