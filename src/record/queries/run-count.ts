import type { Transaction } from 'kysely';
import type { RunRecord } from '../run-record.ts';
import type { RunCount } from '../schedule-store.ts';
import type { Schema } from './schema.ts';

/** The counts for an ended run: `failed` once per reason. */
export function countsOf(
  run: Pick<RunRecord, 'status' | 'verdict' | 'reasons' | 'error'>,
): readonly Pick<RunCount, 'outcome' | 'reason'>[] {
  if (run.status === 'running') return [];
  if (run.verdict === 'passed') return [{ outcome: 'passed', reason: '' }];
  if (run.verdict === undefined) return [{ outcome: run.status, reason: run.error?.code ?? '' }];
  const reasons = new Set(run.reasons.map(({ reason }) => reason));
  return reasons.size === 0
    ? [{ outcome: 'failed', reason: '' }]
    : Array.from(reasons, (reason) => ({ outcome: 'failed', reason }));
}

/** Runs in the transaction that ends the run, so that counts and runs always agree. */
export async function countEnded(trx: Transaction<Schema>, run: RunRecord): Promise<void> {
  const rows = countsOf(run).map((ended) => ({ drill: run.drill, ...ended, count: 1 }));
  await trx
    .insertInto('run_count')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['drill', 'outcome', 'reason']).doUpdateSet((eb) => ({ count: eb('run_count.count', '+', 1) })),
    )
    .execute();
}

export async function readCounts(trx: Transaction<Schema>): Promise<readonly RunCount[]> {
  const rows = await trx
    .selectFrom('run_count')
    .selectAll()
    .orderBy('drill')
    .orderBy('outcome')
    .orderBy('reason')
    .execute();
  return rows.map(({ drill, outcome, reason, count }) => ({ drill, outcome, reason, count }));
}
