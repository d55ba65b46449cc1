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
    first: `select ${columns} from run_fact ${ONE} >= :from order by started_ms, seq limit 1`,
    firstPassed: `select ${columns} from run_fact ${passed} ${ONE} >= :from and outcome = 0 order by started_ms, seq limit 1`,
    firstFailed: `select ${columns} from run_fact ${failed} ${ONE} >= :from and outcome = 1 order by started_ms, seq limit 1`,
    firstBroken: `select ${columns} from run_fact ${broken} ${ONE} >= :from and outcome >= 2 order by started_ms, seq limit 1`,
    lastPassed: `select ${columns} from run_fact ${passed} ${ONE} < :before and outcome = 0 order by started_ms desc, seq desc limit 1`,
    lastFailed: `select ${columns} from run_fact ${failed} ${ONE} < :before and outcome = 1 order by started_ms desc, seq desc limit 1`,
    recent: recent(columns),
    since: `select seq, ${columns} from run_fact where seq > :cursor order by seq limit :limit`,
    cursor: 'select coalesce(max(seq), 0) from run_fact',
    drillsAfter: 'select id, name from fact_drill where id > :id',
    contextsAfter: 'select id, tier, owner, rto_ms, rpo_ms, counted_stages from fact_context where id > :id',
    environmentsAfter: 'select id, runtime, image, image_id, host, server_version from fact_environment where id > :id',
    errorsAfter: 'select id, code from fact_error where id > :id',
  };
}

const ONE = 'where drill_id = :drill and started_ms';

/** An odd factor spreads consecutive numbers over all of 65,536. */
const SHARE = '((seq * 40503) & 65535) < :share';
