import type { Transaction } from 'kysely';
import type { PastCheck, PastCheckFilter } from '../check-record.ts';
import { fromCheckRow } from './run-rows.ts';
import type { Schema } from './schema.ts';

/** Bounds the work for a drill that has run for years. */
const MAX_RUNS = 1000;

/** Newest backup first, then newest run. */
export async function findPastChecks(
  trx: Transaction<Schema>,
  { drill, check, takenUntil, limit }: PastCheckFilter,
): Promise<readonly PastCheck[]> {
  const rows = await trx
    .selectFrom((eb) =>
      eb
        .selectFrom('run')
        .select(['id', 'started_at', 'backup_taken_at'])
        .where('drill', '=', drill)
        .where('verdict', '=', 'passed')
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(MAX_RUNS)
        .as('passed'),
    )
    .innerJoin('check_result', 'check_result.run_id', 'passed.id')
    .select(['passed.id', 'passed.started_at', 'passed.backup_taken_at'])
    .select(['name', 'check_result.passed', 'expected', 'actual', 'duration_ms', 'details', 'measured'])
    .where('name', '=', check)
    .where('passed.backup_taken_at', '<=', takenUntil.toISOString())
    .orderBy('passed.backup_taken_at', 'desc')
    .orderBy('passed.started_at', 'desc')
    .orderBy('passed.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    runId: row.id,
    startedAt: new Date(row.started_at),
    takenAt: new Date(row.backup_taken_at ?? 0),
    record: fromCheckRow(row),
  }));
}
