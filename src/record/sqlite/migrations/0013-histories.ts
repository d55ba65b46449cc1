/**
 * Which earlier results count for a check: results of the same query (`question`, a hash), including those before a change that was accepted as recurring
 * (`recurring`: 0 or 1).
 */
export const migration0013 = `
alter table check_result add column question text;
alter table acceptance add column recurring integer not null default 0;
`;
