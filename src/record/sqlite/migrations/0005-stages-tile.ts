import { freezePart } from './0001-runs.ts';
import { fillFacts, sumStage } from './0003-run-facts.ts';

/**
 * From here on, stages tile a run: `plan` and `image-pull` are stages of their own, and steps within a stage are recorded. Earlier runs had neither: nothing
 * is known about the time between their stages, so their new columns are null, and their recovery times stay as measured.
 */
export const migration0005 = `
create table phase (
  run_id text not null references run (id),
  stage_position integer not null,
  position integer not null,
  name text not null,
  duration_ms integer not null,
  primary key (run_id, stage_position, position)
) strict, without rowid;
${freezePart('phase')}

alter table run_fact add column plan_ms real;
alter table run_fact add column image_pull_ms real;

drop trigger run_fact_written;
create trigger run_fact_written after update of status on run when old.status = 'running' and new.status <> 'running'
begin
${fillFacts('id = new.id', '(select coalesce(max(seq), 0) + 1 from run_fact)', ['plan', 'image-pull'].map(sumStage))}
end;
`;
