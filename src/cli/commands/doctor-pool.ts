import type { Drill } from '../../config/drill-file.ts';
import type { Store } from '../../record/store.ts';
import { poolService } from '../../status/pool-service.ts';
import { DrillError } from '../../support/errors.ts';

/** Runners look at their queue every second, so a run that has been queued for longer than this has a reason to wait. */
const USUAL_WAIT_MS = 60_000;

/**
 * Who serves a pool, and what is queued in it. Creates the queue if it does not exist yet, which requires the store's owner.
 * @param drills as this machine has them.
 * @throws DrillError `config-invalid` if no runner serves the pool, a queued run has been waiting, or its drill is another one here; the store's errors.
 */
export async function describePool(
  pool: string,
  drills: readonly Pick<Drill, 'name' | 'definitionHash'>[],
  store: Pick<Store, 'findJobs' | 'getRunners' | 'getDrillStates'>,
  now: Date,
): Promise<string> {
  const queued = await store.findJobs(pool);
  const { isServed, sentence } = poolService(pool, await store.getRunners(), now);
  const names = queued.map(({ drill }) => drill);
  const text = names.length === 0 ? sentence : `${sentence}; queued: ${names.join(', ')}`;
  if (!isServed) {
    throw new DrillError('config-invalid', text, {
      hint: `Start one on a machine of that pool: \`firedrill runner --pool ${pool}\`.`,
    });
  }
  const hashes = new Map(drills.map(({ name, definitionHash }) => [name, definitionHash]));
  const differing = queued.filter(({ drill, definitionHash }) => {
    const own = hashes.get(drill);
    return own !== undefined && own !== definitionHash;
  });
  const waiting = queued.filter(({ waitingSince }) => now.getTime() - waitingSince.getTime() > USUAL_WAIT_MS);
  if (differing.length === 0 && waiting.length === 0) return text;
  const states = new Map((await store.getDrillStates()).map(({ drill, waitsFor }) => [drill, waitsFor]));
  const details = waiting.map(({ drill }) => `${drill} waits ${states.get(drill) ?? 'in the queue'}`);
  const hint = differing.length === 0 ? {} : { hint: describeDifference(differing.map(({ drill }) => drill)) };
  throw new DrillError('config-invalid', text, { details, ...hint });
}

function describeDifference(drills: readonly string[]): string {
  const differ = drills.length === 1 ? 'differs' : 'differ';
  return `Deploy the drill files and settings of the schedulers here, and to every runner: ${drills.join(', ')} ${differ} here from what is queued.`;
}
