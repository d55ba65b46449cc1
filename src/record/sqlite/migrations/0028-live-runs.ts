/** The state of runs in progress and commands to them, for other processes; how many runs a process may have at once, and which scheduler leads. */
export const migration0028 = `
create table live_run (
  run_id text primary key,
  saved_at text not null,
  kept_until text,
  json text not null
) strict;

create table run_command (
  run_id text not null,
  kind text not null check (kind in ('cancel', 'keep')),
  made_at text not null,
  made_by text not null,
  keep_ms integer,
  primary key (run_id, kind)
) strict, without rowid;

alter table daemon add column sandboxes integer;
alter table daemon add column is_standby integer not null default 0;
alter table runner add column sandboxes integer;
`;
