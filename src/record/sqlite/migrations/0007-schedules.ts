/**
 * Which schedule of a drill applied when, as seen by a scheduler: an overdue drill stays overdue when its schedule is edited, and a report on the past uses
 * the schedule of that time. Earlier schedules are unknown, because only a hash was stored.
 */
export const migration0007 = `
create table drill_schedule (
  drill text not null references drill (name),
  since text not null,
  known_until text,
  cron text,
  timezone text,
  on_new_backup integer not null,
  primary key (drill, since)
) strict, without rowid;
create trigger drill_schedule_update before update on drill_schedule
  when old.known_until is not null or new.since <> old.since or new.drill <> old.drill or new.cron is not old.cron
    or new.timezone is not old.timezone or new.on_new_backup <> old.on_new_backup
begin select raise(abort, 'a schedule that applied is never rewritten'); end;
create trigger drill_schedule_delete before delete on drill_schedule
begin select raise(abort, 'a schedule that applied is never deleted'); end;
`;
