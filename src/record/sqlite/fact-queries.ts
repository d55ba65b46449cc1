/**
 * Node takes longer to convert a row's cells than SQLite to find the row, so small numbers are packed together, repeated values are ids, and rows are
 * arrays. For the same reason these queries bypass Kysely, which requests an object per row.
 */
const COLUMNS = `run_id, started_ms,
  outcome | (trigger_kind << 2) | (case when sandbox_kept then 3 else coalesce(sandbox_removed, 2) end << 4) | (reasons << 6) | (min(attempt, 15) << 11)
    | (max(0, min(ended_ms - started_ms, 68719476735)) << 15),
  drill_id | (context_id << 17) | (coalesce(environment_id, 0) << 35),
  coalesce(error_id, 0) | (min(warnings, 255) << 8) | (min(checks_failed, 65535) << 16) | (min(checks_passed, 1048575) << 32),
  recovery_ms, data_loss_ms, size_bytes, taken_ms, locate_ms, provision_ms, restore_ms, verify_ms, teardown_ms,
  plan_ms, image_pull_ms, archive_lag_ms`;

const ONE = 'where drill_id = :drill and started_ms';

/** An odd factor spreads numbers that follow each other over all of 65,536. */
const SHARE = '((seq * 40503) & 65535) < :share';

/** Named parameters; `:drill` is the drill's id. Without statistics SQLite would walk a drill's runs for the few that failed: the index is named. */
export const FACT_QUERIES = {
  drills: 'select name from fact_drill order by name',
  inRange: `select ${COLUMNS} from run_fact ${ONE} >= :from and started_ms < :to and ${SHARE} order by started_ms, seq`,
  recoveryTimes: `select recovery_ms from run_fact ${ONE} >= :from and started_ms < :to
    and outcome <= 1 and recovery_ms is not null and ${SHARE} order by started_ms, seq`,
  totals: `select count(*), sum(outcome <= 1), sum(outcome = 0), sum(outcome <= 1 and recovery_ms <= rto_ms), sum(outcome <= 1 and rpo_ms is not null),
    sum(outcome <= 1 and data_loss_ms <= rpo_ms), sum(outcome <= 1 and (reasons & :noData) = 0),
    max(case when outcome = 0 then started_ms end), max(case when outcome = 1 then started_ms end)
    from run_fact join fact_context on fact_context.id = context_id ${ONE} >= :from and started_ms < :to`,
  newest: `select ${COLUMNS} from run_fact ${ONE} < :before order by started_ms desc, seq desc limit :limit`,
  first: `select ${COLUMNS} from run_fact ${ONE} >= :from order by started_ms, seq limit 1`,
  firstPassed: `select ${COLUMNS} from run_fact indexed by run_fact_passed ${ONE} >= :from and outcome = 0 order by started_ms, seq limit 1`,
  firstFailed: `select ${COLUMNS} from run_fact indexed by run_fact_failed ${ONE} >= :from and outcome = 1 order by started_ms, seq limit 1`,
  firstBroken: `select ${COLUMNS} from run_fact indexed by run_fact_broken ${ONE} >= :from and outcome >= 2 order by started_ms, seq limit 1`,
  lastPassed: `select ${COLUMNS} from run_fact indexed by run_fact_passed ${ONE} < :before and outcome = 0 order by started_ms desc, seq desc limit 1`,
  lastFailed: `select ${COLUMNS} from run_fact indexed by run_fact_failed ${ONE} < :before and outcome = 1 order by started_ms desc, seq desc limit 1`,
  // One look-up for each drill finds where its newest runs begin.
  recent: `select ${COLUMNS} from fact_drill join run_fact on drill_id = fact_drill.id and started_ms >= coalesce((
      select edge.started_ms from run_fact as edge where edge.drill_id = fact_drill.id
      order by edge.started_ms desc, edge.seq desc limit 1 offset :perDrill - 1), -9e15)
    order by fact_drill.name, started_ms, seq`,
  since: `select seq, ${COLUMNS} from run_fact where seq > :cursor order by seq limit :limit`,
  cursor: 'select coalesce(max(seq), 0) from run_fact',
  drillsAfter: 'select id, name from fact_drill where id > :id',
  contextsAfter: 'select id, tier, owner, rto_ms, rpo_ms, counted_stages from fact_context where id > :id',
  environmentsAfter: 'select id, runtime, image, image_id, host, server_version from fact_environment where id > :id',
  errorsAfter: 'select id, code from fact_error where id > :id',
};

export type FactQuery = keyof typeof FACT_QUERIES;
