import { sql, type Transaction } from 'kysely';
import type { Schema } from '../queries/schema.ts';
import { lockKey } from './migrate.ts';

/** A transaction whose commit was sent but not answered. */
export interface Committed<T> {
  readonly transaction: TransactionMark;
  readonly result: T;
}

/** A transaction id is unique within a timeline; after a failover it may denote another transaction. */
export interface TransactionMark {
  readonly id: string;
  readonly timeline: string;
}

export interface StoreLock {
  readonly isReadOnly: boolean;
  readonly transaction: TransactionMark;
  /** Whether the transaction in question was committed. */
  readonly hasCommitted: boolean;
}

/**
 * Takes the store's single write lock, which is released when the transaction ends. Its previous holder has ended, so the outcome of `unsure` is now known.
 */
export async function lockStore(
  trx: Transaction<Schema>,
  unsure: Pick<Committed<unknown>, 'transaction'> | undefined,
): Promise<StoreLock> {
  // In one statement, because others are waiting. If the server does not flush commits by default, requests it: a claim must be durable when it returns.
  const { rows } = await sql<{ is_read_only: boolean; timeline: string | null; id: string | null }>`
    select pg_advisory_xact_lock(${sql.raw(lockKey('current_schema()'))}), set_config('synchronous_commit',
        case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, true),
      current_setting('transaction_read_only') = 'on' as is_read_only,
      case when current_setting('transaction_read_only') = 'off' then pg_current_xact_id()::text end as id,
      case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline`.execute(
    trx,
  );
  const [{ is_read_only: isReadOnly, id, timeline } = { is_read_only: true, id: null, timeline: null }] = rows;
  const transaction = { id: id ?? '', timeline: timeline ?? '' };
  const isSameServer = unsure?.transaction.timeline === transaction.timeline;
  return { isReadOnly, transaction, hasCommitted: isSameServer && (await hasCommitted(trx, unsure.transaction.id)) };
}

async function hasCommitted(trx: Transaction<Schema>, id: string): Promise<boolean> {
  const { rows } = await sql<{ status: string | null }>`select pg_xact_status(${id}::xid8) as status`.execute(trx);
  return rows[0]?.status === 'committed';
}
