import { type Expression, type ExpressionBuilder, type SqlBool, sql, type Transaction } from 'kysely';
import type { IdentityRun, RecoveryProof } from '../store.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;
type OfDrill = ExpressionBuilder<Schema, 'drill'>;
type OfRun = ExpressionBuilder<Schema, 'drill' | 'run'>;

/** Below the limit of parameters per statement: 32,766 in SQLite, 65,535 in PostgreSQL. */
const RUNS_PER_QUERY = 500;

/** Three index lookups per known drill; ordered by name. */
export async function findRecoveryProofs(trx: Trx): Promise<readonly RecoveryProof[]> {
  const isPassed = (eb: OfRun) => eb('run.verdict', '=', 'passed');
  const rows = await trx
    .selectFrom('drill')
    .select('name')
    .select((eb) => [
      newest(eb, (run) => run('run.status', 'in', ['completed', 'errored'])).as('newest'),
      newest(eb, isPassed).as('passed'),
      newest(eb, (run) => run.and([isPassed(run), run('run.identity_keys', '<>', '[]')])).as('with_key'),
    ])
    .orderBy('name')
    .execute();
  const ids = rows.flatMap((row) => [row.newest, row.passed, row.with_key].filter((id) => id !== null));
  const runs = await readRuns(trx, [...new Set(ids)]);
  return rows.flatMap(({ name: drill, newest, passed, with_key }) => {
    const last = runs.get(newest ?? '');
    if (!last) return [];
    return [{ drill, newest: last, passed: runs.get(passed ?? ''), passedWithKey: runs.get(with_key ?? '') }];
  });
}

/** Id of the drill's newest run with the recovery identity for which the condition is true. */
function newest(eb: OfDrill, condition: (run: OfRun) => Expression<SqlBool>) {
  return eb
    .selectFrom('run')
    .select('run.id')
    .where('run.identity_name', '=', sql.lit('recovery'))
    .whereRef('run.drill', '=', 'drill.name')
    .where(condition)
    .orderBy('run.started_at', 'desc') // and by no more: its index ends here, and without it every run of the drill would be read
    .limit(1);
}

async function readRuns(trx: Trx, ids: readonly string[]): Promise<ReadonlyMap<string, IdentityRun>> {
  const runs = new Map<string, IdentityRun>();
  for (let start = 0; start < ids.length; start += RUNS_PER_QUERY) {
    const rows = await trx
      .selectFrom('run')
      .select(['id', 'status', 'verdict', 'started_at', 'error_code'])
      .where('id', 'in', ids.slice(start, start + RUNS_PER_QUERY))
      .execute();
    for (const { id, status, verdict, started_at, error_code } of rows) {
      runs.set(id, {
        runId: id,
        status,
        verdict: verdict ?? undefined,
        startedAt: new Date(started_at),
        errorCode: error_code ?? undefined,
      });
    }
  }
  return runs;
}
