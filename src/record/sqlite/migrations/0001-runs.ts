/**
 * History. `drill` and the index on (drill, started_at) answer `latest run of each drill` with one lookup per drill, regardless of the number of runs; a
 * definition is stored once, no matter how many runs share it. The triggers make the database itself refuse to rewrite a run that has ended: log lines may
 * still be added, but never changed.
 */
export const migration0001 = `
create table drill (
  name text primary key
) strict, without rowid;

create table definition (
  id integer primary key,
  sha256 text not null unique,
  json text not null
) strict;

create table run (
  id text primary key,
  drill text not null references drill (name),
  drill_file text not null,
  definition_hash text not null,
  definition_id integer not null references definition (id),
  triggered_by text not null,
  owner text,
  tier integer,
  status text not null check (status in ('running', 'completed', 'errored', 'interrupted')),
  verdict text check (verdict in ('passed', 'failed')),
  warnings text not null,
  error_code text,
  error_stage text,
  error_message text,
  error_hint text,
  error_details text,
  started_at text not null,
  ended_at text,
  rto_ms real not null,
  rpo_ms real,
  warn_at_ratio real not null,
  counted_stages text not null,
  deadline_ms real not null,
  recovery_time_ms real,
  data_loss_ms real,
  backup_key text,
  backup_source text,
  backup_size_bytes integer,
  backup_taken_at text,
  backup_etag text,
  backup_format text,
  backup_server_version text,
  backup_dumped_by text,
  sandbox_runtime text,
  sandbox_image text,
  sandbox_image_id text,
  sandbox_isolation text,
  sandbox_server_version text,
  sandbox_removed integer,
  restore_error_count integer not null,
  restore_errors text not null,
  lease_owner text not null,
  lease_expires_at text not null,
  firedrill_version text not null,
  check ((verdict is not null) = (status = 'completed'))
) strict;

create index run_by_drill on run (drill, started_at, id);
create index run_by_start on run (started_at, id);
create index run_running on run (id) where status = 'running';
create index run_passed on run (drill, started_at, id) where verdict = 'passed';

create table reason (
  run_id text not null references run (id),
  position integer not null,
  reason text not null,
  sentence text not null,
  hint text,
  primary key (run_id, position)
) strict, without rowid;

create table stage (
  run_id text not null references run (id),
  position integer not null,
  name text not null,
  started_at text not null,
  duration_ms real not null,
  outcome text not null,
  primary key (run_id, position)
) strict, without rowid;

create table check_result (
  run_id text not null references run (id),
  position integer not null,
  name text not null,
  passed integer not null,
  expected text not null,
  actual text not null,
  duration_ms real not null,
  primary key (run_id, position)
) strict, without rowid;

create table log_line (
  run_id text not null references run (id),
  position integer not null,
  at text not null,
  level text not null,
  message text not null,
  primary key (run_id, position)
) strict, without rowid;

create trigger run_ended_update before update on run when old.status <> 'running'
begin select raise(abort, 'a run that has ended is never rewritten'); end;
create trigger run_delete before delete on run
begin select raise(abort, 'a run is never deleted'); end;
create trigger log_line_update before update on log_line
begin select raise(abort, 'a log line is never rewritten'); end;
create trigger log_line_delete before delete on log_line
begin select raise(abort, 'a log line is never deleted'); end;
${['reason', 'stage', 'check_result'].map(freezePart).join('\n')}
`;

/** @param table with a column `run_id`. @returns triggers that allow changes to its rows only while the run is in progress. */
export function freezePart(table: string): string {
  const freeze = (event: string, row: string) =>
    `create trigger ${table}_ended_${event} before ${event} on ${table}
  when (select status from run where id = ${row}.run_id) <> 'running'
begin select raise(abort, 'a run that has ended is never rewritten'); end;`;
  return [freeze('insert', 'new'), freeze('update', 'old'), freeze('delete', 'old')].join('\n');
}
