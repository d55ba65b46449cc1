import { checkSchema } from '../../../src/config/check-schema.ts';
import type { Server } from '../../../src/engines/engine.ts';
import type { CheckRecord, Measured } from '../../../src/record/check-record.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { runChecks } from '../../../src/verify/run-checks.ts';
import { openSessionPool } from '../../../src/verify/session-pool.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { fakeNeighbours } from '../../verify/fake-hasher.ts';
import { fakeSnapshots } from '../../verify/fake-pool.ts';
import { earlierRun } from '../../verify/restored/earlier-run.ts';
import { READING } from '../../verify/restored/reading.ts';

/**
 * Runs checks on a restored server, as a drill file defines them. @returns a single function, so that checks share the
 * state that a drill's checks share.
 */
export function checksOn(server: Server, { database, takenAt }: { readonly database: string; readonly takenAt: Date }) {
  const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
  const pool = openSessionPool(server, { defaultDatabase: database, cpus: 2, signal });
  const snapshots = fakeSnapshots();
  return async (file: Record<string, unknown>, before?: Measured): Promise<CheckRecord | undefined> => {
    const resolved = checkSchema.parse({ name: 'it', ...file }).resolve(READING);
    if (!resolved) throw new Error('no check');
    const [record] = await runChecks(pool, [resolved], {
      place: { file: 'drills/shop.yaml', checkLines: [1] },
      takenAt,
      restore: { isPhysical: true, lastCommitAt: undefined },
      neighbours: fakeNeighbours({}),
      rpoMs: 26 * 3_600_000,
      clock: systemClock,
      signal,
      snapshots,
      findPast: async () => earlierRun(before),
    });
    return record;
  };
}
