import type { Pool } from 'pg';
import type { JobTable } from '../../queries/job-table.ts';
import type { PostgresAddress } from '../../store-address.ts';
import type { BossQueue } from './pg-boss-queue.ts';

/** Retries after lost connections, and converts other failures to store errors. */
type Explained = <T>(work: () => Promise<T>) => Promise<T>;

/** The queue of a store. Loads its library and contacts the server on first use, since most commands need neither. */
export function openJobQueue(pool: Pool, address: PostgresAddress, explained: Explained): JobTable & AsyncDisposable {
  let opening: Promise<BossQueue> | undefined;
  const queue = () => {
    opening ??= open(pool, address).catch((error: unknown) => {
      opening = undefined; // so that the next call tries again
      throw error;
    });
    return opening;
  };
  return {
    prepare: (name) => explained(async () => (await queue()).prepare(name)),
    find: (name) => explained(async () => (await queue()).find(name)),
    add: async (trx, job) => (await queue()).add(trx, job),
    remove: async (trx, job) => (await queue()).remove(trx, job),
    async [Symbol.asyncDispose]() {
      const opened = await opening?.catch(() => undefined); // what did not open needs no closing
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

async function open(pool: Pool, address: PostgresAddress): Promise<BossQueue> {
  return (await import('./pg-boss-queue.ts')).openBossQueue(pool, address);
}
