import type { Transaction } from 'kysely';
import type { Pool } from 'pg';
import { type Db, fromKysely, type JobWithMetadata, PgBoss } from 'pg-boss';
import { DrillError } from '../../../support/errors.ts';
import type { JobTable } from '../../queries/job-table.ts';
import type { Schema } from '../../queries/schema.ts';
import type { QueuedJob } from '../../queue-store.ts';
import { describeStore, type PostgresAddress } from '../../store-address.ts';
import { asIdentifier } from '../identifier.ts';
import { readJob, writeJob } from './job-data.ts';

/** More than a pool ever has, since a drill is queued at most once. */
const JOBS_READ = 100_000;

/** pg-boss's errors for a schema that must be created first. */
const IS_MISSING = /is not installed|requires migrations/;

const LACKS_PRIVILEGE = '42501';

/**
 * Jobs in pg-boss, with one queue per pool, in a schema next to the store's. A job is removed in the transaction that records its run, so none is ever in
 * progress here: pg-boss has nothing to time, retry or archive, and does nothing in the background.
 */
export interface BossQueue extends JobTable, AsyncDisposable {}

/** Throws `store-failed` if the schema is missing and this user may not create it. */
export async function openBossQueue(pool: Pool, address: PostgresAddress): Promise<BossQueue> {
  const boss = await start(pool, address);
  const prepared = new Set<string>();
  return {
    async prepare(name) {
      if (prepared.has(name)) return;
      await boss.createQueue(name, { policy: 'exclusive' }); // of several jobs of one drill it takes one
      prepared.add(name);
    },
    async add(trx, job) {
      const id = await boss.send(job.pool, writeJob(job), { singletonKey: job.drill, db: within(trx) });
      return id !== null;
    },
    async find(name) {
      const queues = await boss.getQueues(name === undefined ? undefined : [name]);
      const found: QueuedJob[] = [];
      for (const queue of queues) found.push(...(await findJobs(boss, queue.name)));
      return found;
    },
    async remove(trx, { id, pool: name }) {
      const db = within(trx);
      const [job] = await boss.findJobs(name, { id, queued: true, db }); // nobody else can take it meanwhile: the store has one write lock
      if (job) await boss.deleteJob(name, id, { db });
      return job !== undefined;
    },
    [Symbol.asyncDispose]: () => stop(boss),
  };
}

async function findJobs(boss: PgBoss, pool: string): Promise<readonly QueuedJob[]> {
  const jobs: readonly JobWithMetadata<unknown>[] = await boss.findJobs(pool, { queued: true, limit: JOBS_READ });
  return jobs.map(({ id, data }) => ({ ...readJob(data), id, pool }));
}

function within(trx: Transaction<Schema>): Db {
  return fromKysely(trx);
}

async function start(pool: Pool, address: PostgresAddress): Promise<PgBoss> {
  try {
    return await startWith(pool, address, false);
  } catch (error) {
    if (!(error instanceof Error && IS_MISSING.test(error.message))) throw error;
  }
  try {
    await stop(await startWith(pool, address, true));
  } catch (error) {
    throw (error as { code?: unknown }).code === LACKS_PRIVILEGE ? notMade(error, address) : error;
  }
  return startWith(pool, address, false);
}

/** @param migrate whether to create or upgrade the schema. */
async function startWith(pool: Pool, { schema }: PostgresAddress, migrate: boolean): Promise<PgBoss> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: asIdentifier(`${schema}_queue`),
    migrate,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  boss.on('error', () => undefined); // of what it keeps in memory; a call throws what it meets itself
  try {
    return await boss.start();
  } catch (error) {
    await stop(boss);
    throw error;
  }
}

/** Uses the store's connections. */
function stop(boss: PgBoss): Promise<void> {
  return boss.stop({ graceful: false, close: false });
}

function notMade(cause: unknown, address: PostgresAddress): DrillError {
  const store = describeStore(address);
  return new DrillError('store-failed', `the store ${store} has no queue yet, and this user may not create it`, {
    cause,
    hint: 'Run `firedrill doctor` once with the user that owns the schema in `store`.',
  });
}
