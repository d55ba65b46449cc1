import { stat } from 'node:fs/promises';
import type { DeliveryRecord } from '../record/notice-store.ts';
import type { Store } from '../record/store.ts';
import type { MetricsFacts, SchedulerFacts, StoredFacts } from './facts.ts';

export interface FactSources {
  readonly scheduler: SchedulerFacts;
  readonly store: Pick<Store, 'countRuns' | 'findDeliveries'>;
  /** The file of the store, where it is one. */
  readonly storePath: string | undefined;
  /** As {@link MetricsFacts.storeErrors}; `watchStore` counts them. */
  readonly storeErrors: () => number;
}

/** More than that are shown as that many: by then they have long been told of. */
const COUNTED_DELIVERIES = 1000;

/** A store that does not answer is a fact, too: metrics must not fail when they are needed most. */
export async function gatherFacts(sources: FactSources, now: Date): Promise<MetricsFacts> {
  const stored = await readStored(sources.store).catch(() => undefined);
  const storeSizeBytes = sources.storePath === undefined ? undefined : await sizeOfStore(sources.storePath);
  return { ...sources.scheduler, now, stored, storeSizeBytes, storeErrors: sources.storeErrors() };
}

async function readStored(store: FactSources['store']): Promise<StoredFacts> {
  return {
    runCounts: await store.countRuns(),
    pending: await countDeliveries(store, 'pending'),
    givenUp: await countDeliveries(store, 'given-up'),
  };
}

async function countDeliveries(store: FactSources['store'], status: DeliveryRecord['status']): Promise<number> {
  return (await store.findDeliveries({ status, limit: COUNTED_DELIVERIES })).length;
}

/** With the write-ahead log beside it (sqlite.org/wal.html). @returns undefined for a file that is not there. */
async function sizeOfStore(path: string): Promise<number | undefined> {
  const [main, log] = await Promise.all([sizeOf(path), sizeOf(`${path}-wal`)]);
  return main === undefined ? undefined : main + (log ?? 0);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined; // gone or not to be seen: then its size is not known
  }
}
