import type { Transaction } from 'kysely';
import type { NewJob, QueuedJob } from '../queue-store.ts';
import type { JobPlace } from '../schedule-store.ts';
import type { Schema } from './schema.ts';

/** Runs the work in one transaction. */
export type InTransaction = <T>(work: (db: Transaction<Schema>) => Promise<T>) => Promise<T>;

/** Queued runs in a database, accessed within the store's transactions. */
export interface JobTable {
  /** Creates what the pool needs, in a separate transaction. Call before `add`. */
  prepare(pool: string): Promise<void>;
  /** @returns false if a run of the drill is already queued in this pool. */
  add(trx: Transaction<Schema>, run: NewJob): Promise<boolean>;
  find(pool: string | undefined): Promise<readonly QueuedJob[]>;
  /** @returns false if it does not exist. */
  remove(trx: Transaction<Schema>, run: JobPlace): Promise<boolean>;
}
