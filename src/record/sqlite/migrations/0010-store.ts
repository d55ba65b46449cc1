import { fillFacts, sumStage } from './0003-run-facts.ts';

/** The names at the time of this migration, which must not change when the names in the code do. */
const REASONS = ['missing-backup', 'stale-backup', 'unrestorable', 'wrong-data', 'too-slow', 'unprotected'];

/**
 * From here on, records how the store protects a backup from deletion, and what was read from it. `unprotected` is a new reason, counted in facts from here on.
 */
export const migration0010 = `
alter table run add column protection text;
alter table run add column reading text;

drop trigger run_fact_written;
create trigger run_fact_written after update of status on run when old.status = 'running' and new.status <> 'running'
begin
${fillFacts(
  'id = new.id',
  '(select coalesce(max(seq), 0) + 1 from run_fact)',
  [...['plan', 'image-pull'].map(sumStage), 'sandbox_kept'],
  REASONS,
)}
end;
`;
