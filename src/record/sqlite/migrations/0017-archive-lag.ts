import { fillFacts, sumStage } from './0003-run-facts.ts';

/** The names at the time of this migration, which must not change when the names in the code do. */
const REASONS = ['missing-backup', 'stale-backup', 'unrestorable', 'wrong-data', 'too-slow', 'unprotected'];

/** From here on, facts include the age of the newest file in a log archive when the run started. */
export const migration0017 = `
alter table run_fact add column archive_lag_ms real;

drop trigger run_fact_written;
create trigger run_fact_written after update of status on run when old.status = 'running' and new.status <> 'running'
begin
${fillFacts(
  'id = new.id',
  '(select coalesce(max(seq), 0) + 1 from run_fact)',
  [...['plan', 'image-pull'].map(sumStage), 'sandbox_kept', "json_extract(replay, '$.archive.lagMs')"],
  REASONS,
)}
end;
`;
