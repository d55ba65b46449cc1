import type { DrillServices } from '../run/contract.ts';
import { isOnHost, parseOwner } from '../support/owner.ts';
import type { Housekeeper } from './housekeeper.ts';
import type { RunQueue } from './run-queue.ts';
import { toRunningRun } from './run-requests.ts';

/**
 * Starts what fits on this machine. Of a store that machines share, only the runs of this one take of its capacity.
 * @param owner of this process, whose runs the queue counts itself.
 */
export async function startRuns(
  runs: RunQueue,
  deps: { readonly services: Pick<DrillServices, 'store'>; readonly housekeeper: Housekeeper; readonly owner: string },
  now: Date,
): Promise<void> {
  if (runs.waiting.length === 0) return;
  const { services, housekeeper, owner } = deps;
  const { store } = services;
  const { capacity, defaultRuntime } = await housekeeper.measure();
  const host = store.isShared ? parseOwner(owner)?.host : undefined;
  const elsewhere = (await store.findRunning()).filter(
    ({ leaseOwner }) => leaseOwner !== owner && (host === undefined || isOnHost(leaseOwner, host)),
  );
  await runs.startQueued(capacity, defaultRuntime, elsewhere.map(toRunningRun), now);
}
