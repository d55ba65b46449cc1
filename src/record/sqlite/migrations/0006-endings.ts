import { fillFacts, sumStage } from './0003-run-facts.ts';

/**
 * From here on, records what ended a run, whether it is retried, and whether its sandbox was kept. For earlier runs, only what their rows prove is filled in;
 * the rest stays null. Until then, a run without a `teardown` was either lost, or its sandbox was kept.
 */
export const migration0006 = `
alter table run add column ended_by text
  check (ended_by in ('itself', 'deadline', 'user', 'shutdown', 'process-lost'));
alter table run add column canceled_by text;
alter table run add column retryable integer;
alter table run add column sandbox_kept integer;
alter table run_fact add column sandbox_kept integer;

drop trigger run_ended_update;
update run set
  ended_by = case
    when error_code = 'stopped' then 'user'
    when error_code = 'too-slow' then 'deadline'
    when status = 'interrupted' and ${noTeardown('run.id')} then 'process-lost'
    when status = 'interrupted' and error_stage is not null then 'shutdown'
  end,
  retryable = status in ('errored', 'interrupted') and trigger_kind <> 'hand' and attempt <= 1 and error_code is not 'stopped',
  sandbox_kept = case when sandbox_removed = 0 and status <> 'interrupted' then ${noTeardown('run.id')} end
where status in ('errored', 'interrupted') or error_code = 'too-slow' or sandbox_removed = 0;
create trigger run_ended_update before update on run when old.status <> 'running'
begin select raise(abort, 'a run that has ended is never rewritten'); end;

drop trigger run_fact_update;
update run_fact set sandbox_kept = (select sandbox_kept from run where id = run_id) where sandbox_removed = 0;
create trigger run_fact_update before update on run_fact
begin select raise(abort, 'a fact of a run that has ended is never rewritten'); end;

drop trigger run_fact_written;
create trigger run_fact_written after update of status on run when old.status = 'running' and new.status <> 'running'
begin
${fillFacts('id = new.id', '(select coalesce(max(seq), 0) + 1 from run_fact)', [
  ...['plan', 'image-pull'].map(sumStage),
  'sandbox_kept',
])}
end;
`;

function noTeardown(runId: string): string {
  return `not exists (select 1 from stage where run_id = ${runId} and name = 'teardown')`;
}
