/** Why the last poll of a source failed, as a code and a message; previously a single text. */
export const migration0025 = `
alter table drill_state add column look_error_code text;
update drill_state
set look_error_code = substr(look_error, 1, instr(look_error, ': ') - 1), look_error = substr(look_error, instr(look_error, ': ') + 2)
where look_error glob '[a-z]*: *';
`;
