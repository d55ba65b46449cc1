/** Finds results by query hash without reading the measurements, which may be 2 MiB each. */
export const migration0016 = `
create index check_result_asked on check_result (run_id, name, question);
`;
