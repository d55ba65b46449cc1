/**
 * The state of runs in progress and commands to them, for other processes, and how many runs a process may have at once. These rows are deleted by whoever
 * ends a run, so roles that could delete a run's parts so far can do so here too.
 */
export const liveRuns = `
create table live_run (
  run_id text primary key,
  saved_at text not null,
  kept_until text,
  json text not null
);

create table run_command (
  run_id text not null,
  kind text not null check (kind in ('cancel', 'keep')),
  made_at text not null,
  made_by text not null,
  keep_ms bigint,
  primary key (run_id, kind)
);

alter table daemon add column sandboxes bigint;
alter table daemon add column is_standby bigint not null default 0;
alter table runner add column sandboxes bigint;

do $$
declare
  grantee regrole;
begin
  for grantee in
    select distinct acl.grantee from pg_class, aclexplode(relacl) acl
    where oid = 'stage'::regclass and acl.privilege_type = 'DELETE' and acl.grantee not in (0, relowner)
  loop
    execute format('grant delete on live_run, run_command to %s', grantee);
  end loop;
end
$$;
`.replaceAll(/\btext\b/g, 'text collate "C"');
