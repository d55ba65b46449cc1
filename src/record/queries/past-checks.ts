import type { Transaction } from 'kysely';
import type { CheckRecord, PastCheck, PastCheckFilter } from '../check-record.ts';
import { fromCheckRow } from './run-rows.ts';
import type { Schema } from './schema.ts';

/** Bounds the work for drills that have run for years. */
const MAX_RUNS = 1000;

/** Newest backup first, then newest run; within a run, the check's own result first. */
export async function findPastChecks(trx: Transaction<Schema>, filter: PastCheckFilter): Promise<readonly PastCheck[]> {
  const found = await findPlaces(trx, filter);
  const records = await readRecords(trx, found);
  return found.flatMap(({ id, position, started_at, backup_taken_at }) => {
    const record = records.get(`${id} ${position}`);
    return record
      ? { runId: id, startedAt: new Date(started_at), takenAt: new Date(backup_taken_at ?? 0), record }
      : [];
  });
}

/** Without the measurements, which may be large; the rest is covered by an index. */
async function findPlaces(
  trx: Transaction<Schema>,
  { drill, check, question, takenUntil, after, limit }: PastCheckFilter,
) {
  const from = await findBeginning(trx, drill, takenUntil);
  return await trx
    .selectFrom((eb) =>
      eb
        .selectFrom('run')
        .select(['id', 'started_at', 'backup_taken_at'])
        .where('drill', '=', drill)
        .where((run) =>
          run.or([run('verdict', '=', 'passed'), run('id', 'in', run.selectFrom('acceptance').select('run_id'))]),
        )
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(MAX_RUNS)
        .as('passed'),
    )
    .innerJoin('check_result', 'check_result.run_id', 'passed.id')
    .select(['passed.id', 'passed.started_at', 'passed.backup_taken_at', 'check_result.position'])
    .where((result) => {
      const isNamed = result('name', '=', check);
      if (question === undefined) return isNamed;
      return result.or([result('question', '=', question), result.and([isNamed, result('question', 'is', null)])]);
    })
    .where('passed.backup_taken_at', '<=', takenUntil.toISOString())
    .where('passed.backup_taken_at', '>=', from)
    .$if(after !== undefined, (query) =>
      query.where((run) =>
        run(
          run.refTuple('passed.backup_taken_at', 'passed.started_at', 'passed.id'),
          '<',
          run.tuple(after?.takenAt.toISOString() ?? '', after?.startedAt.toISOString() ?? '', after?.runId ?? ''),
        ),
      ),
    )
    .orderBy('passed.backup_taken_at', 'desc')
    .orderBy('passed.started_at', 'desc')
    .orderBy('passed.id', 'desc')
    .orderBy((result) => result('name', '=', check), 'desc')
    .limit(limit)
    .execute();
}

/** By run and position. */
async function readRecords(
  trx: Transaction<Schema>,
  places: readonly { readonly id: string; readonly position: number }[],
): Promise<ReadonlyMap<string, CheckRecord>> {
  if (places.length === 0) return new Map();
  const rows = await trx
    .selectFrom('check_result')
    .selectAll()
    .where((result) =>
      result.or(
        places.map(({ id, position }) => result.and([result('run_id', '=', id), result('position', '=', position)])),
      ),
    )
    .execute();
  return new Map(rows.map((row) => [`${row.run_id} ${row.position}`, fromCheckRow(row)]));
}

/** When the newest backup was taken whose run was accepted permanently; earlier ones no longer count. */
async function findBeginning(trx: Transaction<Schema>, drill: string, takenUntil: Date): Promise<string> {
  const row = await trx
    .selectFrom('acceptance')
    .innerJoin('run', 'run.id', 'acceptance.run_id')
    .select('run.backup_taken_at')
    .where('run.drill', '=', drill)
    .where('acceptance.recurring', '=', 0)
    .where('run.backup_taken_at', '<=', takenUntil.toISOString())
    .orderBy('run.backup_taken_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.backup_taken_at ?? '';
}
