/** The names at the time of this migration, which must not change when the names in the code do. */
const STAGES = ['locate', 'provision', 'restore', 'verify', 'teardown'];
const REASONS = ['missing-backup', 'stale-backup', 'unrestorable', 'wrong-data', 'too-slow'];

/**
 * @param which condition on columns of `run` that selects ended runs without facts.
 * @param seq numbers them; for old runs, start order is as good as any.
 * @param added further values, for columns that later migrations added.
 * @param reasons in the order of their bits.
 */
export function fillFacts(
  which: string,
  seq: string,
  added: readonly string[] = [],
  reasons: readonly string[] = REASONS,
): string {
  return `insert into fact_drill (name)
select distinct drill from run where ${which} and not exists (select 1 from fact_drill where name = drill);

insert into fact_context (tier, owner, rto_ms, rpo_ms, counted_stages)
select distinct tier, owner, rto_ms, rpo_ms, counted_stages from run where ${which} and not exists (${findContext('1')});

insert into fact_environment (runtime, image, image_id, host, server_version)
select distinct ${ENVIRONMENT.map(([, value]) => value).join(', ')} from run
where ${which} and sandbox_runtime is not null and not exists (${findEnvironment('1')});

insert into fact_error (code)
select distinct error_code from run
where ${which} and error_code is not null and not exists (select 1 from fact_error where code = error_code);

insert into run_fact
select
  ${seq},
  id,
  (select id from fact_drill where name = drill),
  ${toMs('started_at')},
  ${toMs('coalesce(ended_at, started_at)')},
  case when verdict = 'passed' then 0 when verdict = 'failed' then 1 when status = 'errored' then 2 else 3 end,
  ${reasonBits(reasons)},
  (select id from fact_error where code = error_code),
  case trigger_kind when 'hand' then 0 when 'schedule' then 1 else 2 end,
  attempt,
  (${findContext('id')}),
  (${findEnvironment('id')}),
  recovery_time_ms,
  data_loss_ms,
  backup_size_bytes,
  ${toMs('backup_taken_at')},
  ${STAGES.map(sumStage).join(',\n  ')},
  json_array_length(warnings),
  (select count(*) from check_result where run_id = run.id and passed = 1),
  (select count(*) from check_result where run_id = run.id and passed = 0),
  ${['sandbox_removed', ...added].join(',\n  ')}
from run where ${which};`;
}

/**
 * The host is the first part of the owner. A container without a name of its own is named by the twelve digits of its id, which change with each new container
 * of a service and say nothing about the machine.
 */
const HOST = `case when substr(lease_owner, 1, instr(lease_owner, '/') - 1) glob '${'[0-9a-f]'.repeat(12)}'
  then 'a container' else substr(lease_owner, 1, instr(lease_owner, '/') - 1) end`;

const ENVIRONMENT = [
  ['runtime', 'sandbox_runtime'],
  ['image', "coalesce(sandbox_image, '')"],
  ['image_id', "coalesce(sandbox_image_id, '')"],
  ['host', HOST],
  ['server_version', "coalesce(sandbox_server_version, '')"],
] as const;

function findEnvironment(wanted: string): string {
  const same = ENVIRONMENT.map(([column, value]) => `known.${column} = ${value}`).join(' and ');
  return `select ${wanted === '1' ? '1' : `known.${wanted}`} from fact_environment as known where ${same}`;
}

function findContext(wanted: string): string {
  const same = ['tier', 'owner', 'rto_ms', 'rpo_ms', 'counted_stages'].map(
    (column) => `known.${column} is run.${column}`,
  );
  return `select ${wanted === '1' ? '1' : `known.${wanted}`} from fact_context as known where ${same.join(' and ')}`;
}

/** Bit n is the nth of the reasons. */
function reasonBits(reasons: readonly string[]): string {
  const bits = reasons.map((reason, index) => `when '${reason}' then ${2 ** index}`).join(' ');
  return `case when verdict = 'failed'
    then (select coalesce(sum(distinct case reason ${bits} else 0 end), 0) from reason where run_id = run.id) else 0 end`;
}

/** @returns how long the stage took in a row of `run`; null: it did not start. */
export function sumStage(stage: string): string {
  return `(select sum(duration_ms) from stage where run_id = run.id and name = '${stage}')`;
}

function toMs(column: string): string {
  return `cast(round(unixepoch(${column}, 'subsec') * 1000) as integer)`;
}

/**
 * The data that reports count: one narrow row per ended run, clustered by drill and start, so that a drill's period is one range of adjacent pages. Written by
 * a trigger when a run ends, regardless of who ends it, so that facts and runs agree; never changed afterwards. Instants are milliseconds since 1970. `seq`
 * grows in the order in which runs ended: a reader that remembers the last one it saw finds new ones with one lookup.
 *
 * Runs are a few hundred bytes in several tables with texts; reading those of a year for a report would take minutes where this takes a second.
 */
export const migration0003 = `
create table fact_drill (
  id integer primary key,
  name text not null unique references drill (name)
) strict;

create table fact_context (
  id integer primary key,
  tier integer,
  owner text,
  rto_ms real not null,
  rpo_ms real,
  counted_stages text not null
) strict;
create index fact_context_key on fact_context (rto_ms, rpo_ms, tier, owner, counted_stages);

create table fact_environment (
  id integer primary key,
  runtime text not null,
  image text not null,
  image_id text not null,
  host text not null,
  server_version text not null,
  unique (image_id, host, server_version, image, runtime)
) strict;

create table fact_error (
  id integer primary key,
  code text not null unique
) strict;

create table run_fact (
  seq integer not null,
  run_id text not null,
  drill_id integer not null,
  started_ms integer not null,
  ended_ms integer not null,
  outcome integer not null check (outcome between 0 and 3),
  reasons integer not null,
  error_id integer,
  trigger_kind integer not null,
  attempt integer not null,
  context_id integer not null,
  environment_id integer,
  recovery_ms real,
  data_loss_ms real,
  size_bytes integer,
  taken_ms integer,
  ${STAGES.map((stage) => `${stage}_ms real,`).join('\n  ')}
  warnings integer not null,
  checks_passed integer not null,
  checks_failed integer not null,
  sandbox_removed integer,
  primary key (drill_id, started_ms, seq)
) strict, without rowid;

${fillFacts("status <> 'running'", 'rowid')}

create unique index run_fact_by_seq on run_fact (seq);
create index run_fact_passed on run_fact (drill_id, started_ms) where outcome = 0;
create index run_fact_failed on run_fact (drill_id, started_ms) where outcome = 1;
create index run_fact_broken on run_fact (drill_id, started_ms) where outcome >= 2;

create trigger run_fact_written after update of status on run when old.status = 'running' and new.status <> 'running'
begin
${fillFacts('id = new.id', '(select coalesce(max(seq), 0) + 1 from run_fact)')}
end;
create trigger run_fact_update before update on run_fact
begin select raise(abort, 'a fact of a run that has ended is never rewritten'); end;
create trigger run_fact_delete before delete on run_fact
begin select raise(abort, 'a fact of a run that has ended is never deleted'); end;
`;
