import type { Transaction } from 'kysely';
import type { NewJob, QueuedJob } from '../queue-store.ts';
import type { JobPlace } from '../schedule-store.ts';
import type { Schema } from './schema.ts';

/** Does the work in one transaction. */
export type InTransaction = <T>(work: (db: Transaction<Schema>) => Promise<T>) => Promise<T>;

/** Queued runs of a database, within the store's transactions. */
export interface JobTable {
  /** Makes what the pool needs, in a transaction of its own. Called before `add`. */
  prepare(pool: string): Promise<void>;
  /** @returns false when a run of the drill is queued in this pool. */
  add(trx: Transaction<Schema>, run: NewJob): Promise<boolean>;
  find(pool: string | undefined): Promise<readonly QueuedJob[]>;
  /** @returns false when it is not there. */
  remove(trx: Transaction<Schema>, run: JobPlace): Promise<boolean>;
}
