import { stat } from 'node:fs/promises';
import type { Store } from '../record/store.ts';
import type { MetricsFacts, SchedulerFacts, StoredFacts } from './facts.ts';

export interface FactSources {
  readonly scheduler: SchedulerFacts;
  readonly store: Pick<Store, 'countRuns' | 'countDeliveries'>;
  /** The store's file, if it is one. */
  readonly storePath: string | undefined;
  /** See {@link MetricsFacts.storeErrors}; `withErrorCounting` counts them. */
  readonly storeErrors: () => number;
}

/** Gathers the facts for a scrape. A store that does not respond is not an error: metrics must not fail when they are needed most. */
export async function gatherFacts(sources: FactSources, now: Date): Promise<MetricsFacts> {
  const stored = await readStored(sources.store).catch(() => undefined);
  const storeSizeBytes = sources.storePath === undefined ? undefined : await sizeOfStore(sources.storePath);
  return { ...sources.scheduler, now, stored, storeSizeBytes, storeErrors: sources.storeErrors() };
}

async function readStored(store: FactSources['store']): Promise<StoredFacts> {
  return {
    runCounts: await store.countRuns(),
    pending: await store.countDeliveries('pending'),
    givenUp: await store.countDeliveries('given-up'),
  };
}

/** The size including the write-ahead log (sqlite.org/wal.html). @returns undefined for a file that does not exist. */
async function sizeOfStore(path: string): Promise<number | undefined> {
  const [main, log] = await Promise.all([sizeOf(path), sizeOf(`${path}-wal`)]);
  return main === undefined ? undefined : main + (log ?? 0);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined; // missing or not accessible: its size is unknown
  }
}
