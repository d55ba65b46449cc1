export type FactQuery = keyof ReturnType<typeof buildFactQueries>;

/** SQL that differs between the databases. */
export interface FactWords {
  /** The scalar functions for the smaller, and the larger, of two numbers. */
  readonly least: string;
  readonly greatest: string;
  /** Index hint, where the planner needs one. */
  readonly indexedBy: (index: string) => string;
  /** The newest `:perDrill` facts of every drill. @param columns of a fact. */
  readonly recent: (columns: string) => string;
}

/**
 * Named parameters; `:drill` is the drill's id.
 *
 * Node takes longer to convert a row's cells than a database to find the row, so small numbers are packed together, repeated values are ids, and rows are
 * arrays. For the same reason these queries bypass Kysely, which requests an object per row.
 */
export function buildFactQueries({ least, greatest, indexedBy, recent }: FactWords) {
  const columns = `run_id, started_ms,
  outcome | (trigger_kind << 2) | (case when sandbox_kept = 1 then 3 else coalesce(sandbox_removed, 2) end << 4) | (reasons << 6) | (${least}(attempt, 15) << 12)
    | (${greatest}(0, ${least}(ended_ms - started_ms, 68719476735)) << 16),
  drill_id | (context_id << 17) | (coalesce(environment_id, 0) << 35),
  coalesce(error_id, 0) | (${least}(warnings, 255) << 8) | (${least}(checks_failed, 65535) << 16) | (${least}(checks_passed, 1048575) << 32),
  recovery_ms, data_loss_ms, size_bytes, taken_ms, locate_ms, provision_ms, restore_ms, verify_ms, teardown_ms,
  plan_ms, image_pull_ms, archive_lag_ms`;
  const passed = indexedBy('run_fact_passed');
  const failed = indexedBy('run_fact_failed');
  const broken = indexedBy('run_fact_broken');
  const last = (index: string, outcome: number, before: string) =>
    `select ${columns} from run_fact ${index} ${ONE} < ${before} and outcome = ${outcome} order by started_ms desc, seq desc limit 1`;
  const next = (index: string, outcome: string, from: string) =>
    `select ${columns} from run_fact ${index} ${ONE} >= ${from} and outcome ${outcome} order by started_ms, seq limit 1`;
  return {
    drills: 'select name from fact_drill order by name',
    inRange: `select ${columns} from run_fact ${ONE} >= :from and started_ms < :to and ${SHARE} order by started_ms, seq`,
    recoveryTimes: `select recovery_ms from run_fact ${ONE} >= :from and started_ms < :to
      and outcome <= 1 and recovery_ms is not null and ${SHARE} order by started_ms, seq`,
    totals: `select count(*), count(*) filter (where outcome <= 1), count(*) filter (where outcome = 0),
      count(*) filter (where outcome <= 1 and recovery_ms <= rto_ms), count(*) filter (where outcome <= 1 and rpo_ms is not null),
      count(*) filter (where outcome <= 1 and data_loss_ms <= rpo_ms), count(*) filter (where outcome <= 1 and (reasons & :noData) = 0),
      max(case when outcome = 0 then started_ms end), max(case when outcome = 1 then started_ms end)
      from run_fact join fact_context on fact_context.id = context_id ${ONE} >= :from and started_ms < :to`,
    newest: `select ${columns} from run_fact ${ONE} < :before order by started_ms desc, seq desc limit :limit`,
    edges: unionOf([
      `select ${columns} from run_fact ${ONE} >= :first order by started_ms, seq limit 1`,
      last(passed, 0, ':from'),
      last(failed, 1, ':from'),
      `select ${columns} from run_fact ${ONE} < :to order by started_ms desc, seq desc limit 1`,
      last(passed, 0, ':to'),
      last(failed, 1, ':to'),
      next(passed, '= 0', ':to'),
      next(failed, '= 1', ':to'),
    ]),
    failing: unionOf([next(failed, '= 1', ':sincePass'), next(broken, '>= 2', ':sinceVerdict')]),
    recent: recent(columns),
    since: `select seq, ${columns} from run_fact where seq > :cursor order by seq limit :limit`,
    cursor: 'select coalesce(max(seq), 0) from run_fact',
    drillsAfter: 'select id, name from fact_drill where id > :id',
    contextsAfter: 'select id, tier, owner, rto_ms, rpo_ms, counted_stages from fact_context where id > :id',
    environmentsAfter: 'select id, runtime, image, image_id, host, server_version from fact_environment where id > :id',
    errorsAfter: 'select id, code from fact_error where id > :id',
  };
}

/** In one statement, because each takes a round trip to a server. A row begins with the number of its query, from 0. */
function unionOf(queries: readonly string[]): string {
  return queries.map((query, at) => `select ${at}, one${at}.* from (${query}) as one${at}`).join(' union all ');
}

const ONE = 'where drill_id = :drill and started_ms';

/** An odd factor spreads consecutive numbers over all of 65,536. */
const SHARE = '((seq * 40503) & 65535) < :share';
