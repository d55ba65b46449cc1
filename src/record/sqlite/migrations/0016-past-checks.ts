/** Finds results by what was asked without reading what was measured, which may be 2 MiB of each. */
export const migration0016 = `
create index check_result_asked on check_result (run_id, name, question);
`;
