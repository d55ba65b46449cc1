import { sql, type Transaction } from 'kysely';
import { DrillError } from '../../support/errors.ts';
import type { RunStatus, ShownState, Verdict } from '../../support/vocabulary.ts';
import type { RunRecord } from '../run-record.ts';
import type { CountedRuns, LogLine, RunFilter } from '../store.ts';
import { fromRunRow } from './run-rows.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** Below the limit of parameters per statement: 32,766 in SQLite, 65,535 in PostgreSQL. */
const RUNS_PER_QUERY = 500;

/** Newest first. */
export async function findRuns(trx: Trx, { limit, after, ...filter }: RunFilter): Promise<readonly RunRecord[]> {
  let query = matching(trx, filter).select('id').orderBy('started_at', 'desc').orderBy('id', 'desc').limit(limit);
  if (after) {
    const last = [after.startedAt.toISOString(), after.id] as const;
    query = query.where((eb) => eb(eb.refTuple('started_at', 'id'), '<', eb.tuple(...last)));
  }
  return readRuns(
    trx,
    (await query.execute()).map((row) => row.id),
  );
}

/** How many runs match the filter; counting stops at `atMost`. */
export async function countMatchingRuns(trx: Trx, filter: CountedRuns, atMost: number): Promise<number> {
  const some = matching(trx, filter).select('id').limit(atMost).as('some');
  const { count } = await trx
    .selectFrom(some)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function matching(trx: Trx, { drill, states, owner, tier, trigger, since, before }: CountedRuns) {
  let query = trx.selectFrom('run');
  if (drill !== undefined) query = query.where('drill', '=', drill);
  if (states) query = query.where((eb) => eb.or(states.map((state) => eb.and(toColumns(state)))));
  if (states && !states.includes('passed')) query = query.where('verdict', 'is distinct from', sql.lit('passed')); // for the index
  if (owner !== undefined) query = query.where('owner', '=', owner);
  if (tier !== undefined) query = query.where('tier', '=', tier);
  if (trigger !== undefined) query = query.where('trigger_kind', '=', trigger === 'hand' ? sql.lit('hand') : trigger);
  if (since) query = query.where('started_at', '>=', since.toISOString());
  if (before) query = query.where('started_at', '<', before.toISOString());
  return query;
}

/** A completed run is recognised by its verdict. */
function toColumns(state: ShownState): { readonly status: RunStatus; readonly verdict?: Verdict } {
  return state === 'passed' || state === 'failed' ? { status: 'completed', verdict: state } : { status: state };
}

/** The newest run of the drill that has a verdict. */
export async function findLatestCompleted(trx: Trx, drill: string): Promise<RunRecord | undefined> {
  const rows = await trx
    .selectFrom('run')
    .select('id')
    .where('drill', '=', drill)
    .where('status', '=', 'completed')
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .execute();
  const [run] = await readRuns(
    trx,
    rows.map((row) => row.id),
  );
  return run;
}

/** One index lookup per drill; ordered by name. */
export async function findLatestRuns(trx: Trx): Promise<readonly RunRecord[]> {
  const rows = await trx
    .selectFrom('drill')
    .select((eb) =>
      eb
        .selectFrom('run')
        .select('run.id')
        .whereRef('run.drill', '=', 'drill.name')
        .orderBy('run.started_at', 'desc')
        .orderBy('run.id', 'desc')
        .limit(1)
        .as('id'),
    )
    .orderBy('drill.name')
    .execute();
  return readRuns(
    trx,
    rows.map((row) => row.id).filter((id) => id !== null),
  );
}

export async function getRun(trx: Trx, idOrPrefix: string): Promise<RunRecord> {
  const rows = await trx
    .selectFrom('run')
    .select('id')
    .where('id', '>=', idOrPrefix)
    .where('id', '<', `${idOrPrefix}\u{10ffff}`)
    .orderBy('id')
    .limit(6)
    .execute();
  const ids = rows.map((row) => row.id);
  const [run] = await readRuns(trx, chooseId(ids, idOrPrefix));
  if (run) return run;
  throw notFound(ids, idOrPrefix);
}

export async function readLog(trx: Trx, runId: string, from = 0): Promise<readonly LogLine[]> {
  const rows = await trx
    .selectFrom('log_line')
    .selectAll()
    .where('run_id', '=', runId)
    .where('position', '>=', from)
    .orderBy('position')
    .execute();
  return rows.map(({ at, level, message }) => ({ at: new Date(at), level, message }));
}

/** Complete runs, in the order of the ids. */
export async function readRuns(trx: Trx, ids: readonly string[]): Promise<readonly RunRecord[]> {
  const runs: RunRecord[] = [];
  for (let start = 0; start < ids.length; start += RUNS_PER_QUERY) {
    runs.push(...(await readSomeRuns(trx, ids.slice(start, start + RUNS_PER_QUERY))));
  }
  return runs;
}

async function readSomeRuns(trx: Trx, ids: readonly string[]): Promise<readonly RunRecord[]> {
  const runs = await trx
    .selectFrom('run')
    .innerJoin('definition', 'definition.id', 'run.definition_id')
    .selectAll('run')
    .select('definition.json')
    .where('run.id', 'in', ids)
    .execute();
  const reasons = byRun(
    await trx.selectFrom('reason').selectAll().where('run_id', 'in', ids).orderBy('position').execute(),
  );
  const stages = byRun(
    await trx.selectFrom('stage').selectAll().where('run_id', 'in', ids).orderBy('position').execute(),
  );
  const phases = byRun(
    await trx
      .selectFrom('phase')
      .selectAll()
      .where('run_id', 'in', ids)
      .orderBy('stage_position')
      .orderBy('position')
      .execute(),
  );
  const checks = byRun(
    await trx.selectFrom('check_result').selectAll().where('run_id', 'in', ids).orderBy('position').execute(),
  );
  const acceptances = byRun(await trx.selectFrom('acceptance').selectAll().where('run_id', 'in', ids).execute());
  const records = runs.map((row) =>
    fromRunRow(row, {
      definition: row.json,
      reasons: reasons.get(row.id) ?? [],
      stages: stages.get(row.id) ?? [],
      phases: phases.get(row.id) ?? [],
      checks: checks.get(row.id) ?? [],
      acceptance: acceptances.get(row.id)?.[0],
    }),
  );
  const byId = new Map(records.map((run) => [run.id, run]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function byRun<T extends { readonly run_id: string }>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(rows, (row) => row.run_id);
}

/** A full id takes precedence, even if it is also a prefix of another. */
function chooseId(ids: readonly string[], idOrPrefix: string): readonly string[] {
  if (idOrPrefix === '') return [];
  if (ids.includes(idOrPrefix)) return [idOrPrefix];
  return ids.length === 1 ? ids : [];
}

function notFound(ids: readonly string[], idOrPrefix: string): DrillError {
  if (ids.length === 0 || idOrPrefix === '') {
    return new DrillError('run-not-found', `there is no run '${idOrPrefix}'`, {
      hint: 'List the runs with `firedrill history`.',
    });
  }
  const more = ids.length > 5 ? ' and more' : '';
  return new DrillError(
    'run-not-found',
    `'${idOrPrefix}' matches several run ids: ${ids.slice(0, 5).join(', ')}${more}`,
    {
      hint: 'Use a longer prefix of the id.',
    },
  );
}
