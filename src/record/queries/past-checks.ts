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
  const accepted = await findAccepted(trx, drill, takenUntil);
  const rows = await trx
    .selectFrom((eb) =>
      eb
        .selectFrom('run')
        .select(['id', 'started_at', 'backup_taken_at'])
        .where('drill', '=', drill)
        .where((run) => run.or([run('verdict', '=', 'passed'), run('id', '=', accepted?.id ?? '')]))
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
    .where('passed.backup_taken_at', '>=', accepted?.takenAt ?? '')
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

/** The accepted run of the newest backup: the ones before it no longer count. */
async function findAccepted(trx: Transaction<Schema>, drill: string, takenUntil: Date) {
  const row = await trx
    .selectFrom('acceptance')
    .innerJoin('run', 'run.id', 'acceptance.run_id')
    .select(['run.id', 'run.backup_taken_at'])
    .where('run.drill', '=', drill)
    .where('run.backup_taken_at', '<=', takenUntil.toISOString())
    .orderBy('run.backup_taken_at', 'desc')
    .orderBy('acceptance.accepted_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { id: row.id, takenAt: row.backup_taken_at ?? '' };
}
