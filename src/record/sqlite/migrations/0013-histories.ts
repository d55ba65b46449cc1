/**
 * Which earlier results count for a check: answers to the same question (`question`, a hash), also from before a change that recurs and was accepted as
 * such (`recurring`: 0 or 1).
 */
export const migration0013 = `
alter table check_result add column question text;
alter table acceptance add column recurring integer not null default 0;
`;
