import type { CountedRun } from '../record/run-limits.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { DrillServices } from '../run/contract.ts';
import { isOnHost, parseOwner } from '../support/owner.ts';
import type { Housekeeper } from './housekeeper.ts';
import type { RunQueue } from './run-queue.ts';
import { toRunningRun } from './run-requests.ts';

/**
 * Starts the runs that fit on this machine. On a shared store, only this machine's runs count against its capacity.
 * @param owner of this process, whose runs the queue counts itself.
 */
export async function startRuns(
  runs: RunQueue,
  deps: {
    readonly services: Pick<DrillServices, 'store' | 'limits'>;
    readonly housekeeper: Housekeeper;
    readonly owner: string;
  },
  now: Date,
): Promise<void> {
  if (runs.waiting.length === 0) return;
  const { services, housekeeper, owner } = deps;
  const { store } = services;
  const { capacity, defaultRuntime } = await housekeeper.measure();
  const host = store.isShared ? parseOwner(owner)?.host : undefined;
  const others = (await store.findRunning()).filter(({ leaseOwner }) => leaseOwner !== owner);
  const elsewhere = host === undefined ? others : others.filter(({ leaseOwner }) => isOnHost(leaseOwner, host));
  const fleet = await withPools(others, services);
  await runs.startQueued(capacity, defaultRuntime, elsewhere.map(toRunningRun), fleet, now);
}

/** A run belongs to the pool of the runner that holds its lease. */
async function withPools(
  running: readonly RunRecord[],
  { store, limits }: Pick<DrillServices, 'store' | 'limits'>,
): Promise<readonly CountedRun[]> {
  if (running.length === 0 || limits.runs.every(({ kind }) => kind !== 'pool')) return running;
  const pools = new Map((await store.getRunners()).map(({ owner, pool }) => [owner, pool]));
  return running.map(({ readsFrom, leaseOwner }) => ({ readsFrom, pool: pools.get(leaseOwner) }));
}
