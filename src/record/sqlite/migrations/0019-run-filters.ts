/** Finds the few runs that did not pass, and those started by users, among the many that passed. */
export const migration0019 = `
create index run_not_passed on run (started_at, id) where verdict is not 'passed';
create index run_by_hand on run (started_at, id) where trigger_kind = 'hand';
`;
