/**
 * Unattended operation: why a run took place, how far each schedule has been handled, what was skipped, which processes run schedules, and which notifications
 * go to which channels. Earlier runs count as triggered manually, which was the only way then.
 *
 * `run_count` is updated whenever a run ends: counting a million runs at each metrics scrape would take seconds.
 */
export const migration0002 = `
alter table run add column trigger_kind text not null default 'hand' check (trigger_kind in ('hand', 'schedule', 'new-backup'));
alter table run add column due_at text;
alter table run add column attempt integer not null default 1;
alter table run add column backup_selection text;
alter table run add column backup_newest_taken_at text;
alter table run add column sandbox_data_bytes integer;

create table run_count (
  drill text not null references drill (name),
  outcome text not null,
  reason text not null,
  count integer not null,
  primary key (drill, outcome, reason)
) strict, without rowid;

insert into run_count
select drill, outcome, reason, count(*) from (
  select distinct
    run.id,
    run.drill,
    coalesce(run.verdict, run.status) as outcome,
    case when run.verdict = 'failed' then coalesce(reason.reason, '')
         when run.verdict = 'passed' then ''
         else coalesce(run.error_code, '') end as reason
  from run left join reason on reason.run_id = run.id and run.verdict = 'failed'
  where run.status <> 'running'
)
group by drill, outcome, reason;

create table drill_state (
  drill text primary key references drill (name),
  version integer not null,
  schedule_hash text,
  scheduled_since text,
  handled_until text,
  newest_backup_key text,
  newest_backup_identity text,
  newest_backup_taken_at text,
  newest_backup_size_bytes integer,
  newest_backup_seen_at text,
  newest_backup_first_seen_at text,
  handled_backup text,
  look_error text,
  waits_for text
) strict, without rowid;

create table skip (
  id integer primary key,
  drill text not null references drill (name),
  kind text not null,
  reason text not null,
  count integer not null,
  first_at text not null,
  last_at text not null,
  recorded_at text not null
) strict;

create index skip_by_drill on skip (drill, recorded_at, id);
create index skip_by_time on skip (recorded_at, id);

create table daemon (
  owner text primary key,
  started_at text not null,
  beat_at text not null,
  stopped_at text,
  firedrill_version text not null
) strict, without rowid;

create table alert (
  subject text primary key,
  version integer not null,
  state text not null,
  fingerprint text not null,
  since text not null,
  told_at text not null,
  told_channels text not null,
  run_id text
) strict, without rowid;

create table delivery (
  position integer primary key,
  id text not null unique,
  key text not null unique,
  channel text not null,
  subject text not null,
  notice text not null,
  created_at text not null,
  status text not null check (status in ('pending', 'sent', 'given-up')),
  attempts integer not null,
  next_attempt_at text not null,
  error text,
  ended_at text
) strict;

create index delivery_by_time on delivery (created_at, position);
create index delivery_by_status on delivery (status, created_at, position);

create trigger skip_update before update on skip
begin select raise(abort, 'a skipped run is never rewritten'); end;
create trigger delivery_ended_update before update on delivery when old.status <> 'pending'
begin select raise(abort, 'a message that has ended is never sent again'); end;
`;
